import type { RunningServer } from '@sluice/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlayOptions, PublishOptions } from './page/peer.ts';
import { type TestBrowser, launchChromium } from './support/chromium.ts';
import { expectPlaying } from './support/playing.ts';
import { startTestServer } from './support/test-server.ts';
import { until } from './support/until.ts';

let server: RunningServer;
let browser: TestBrowser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startTestServer(), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const PUBLISH_DOORS = {
  zlm: (stream: string) => ({ dialect: 'zlm', url: `${server.url}/index/api/webrtc?app=live&stream=${stream}&type=push` }),
  'zlm whip': (stream: string) => ({ dialect: 'whip', url: `${server.url}/index/api/whip?app=live&stream=${stream}` }),
  whip: (stream: string) => ({ dialect: 'whip', url: `${server.url}/whip/live/${stream}` }),
} as const satisfies Record<string, (stream: string) => PublishOptions>;

const PLAY_DOORS = {
  zlm: (stream: string) => ({ dialect: 'zlm', url: `${server.url}/index/api/webrtc?app=live&stream=${stream}&type=play` }),
  'zlm whep': (stream: string) => ({ dialect: 'whip', url: `${server.url}/index/api/whep?app=live&stream=${stream}` }),
  whep: (stream: string) => ({ dialect: 'whip', url: `${server.url}/whep/live/${stream}` }),
} as const satisfies Record<string, (stream: string) => PlayOptions>;

describe.each([
  ['zlm', 'VP8', ['whep', 'zlm']],
  ['zlm', 'H264', ['zlm whep']],
  ['zlm whip', 'VP8', ['zlm whep', 'zlm']],
  ['zlm whip', 'H264', ['whep']],
  ['whip', 'VP8', ['whep', 'zlm whep']],
  ['whip', 'H264', ['zlm', 'whep']],
  ['whip', 'VP9', ['whep']],
  ['whip', 'AV1', ['whep']],
] as const)('published by %s as %s', (door, videoCodec, playDoors) => {
  it.each(playDoors)('plays by %s, and for a second viewer who comes late', async (playDoor) => {
    const stream = `s${crypto.randomUUID()}`;
    const [publisher, viewer] = await Promise.all([browser.open(), browser.open()]);
    const published = await publisher.evaluate((options) => window.peer.publish('publisher', options), {
      ...PUBLISH_DOORS[door](stream),
      videoCodec,
    });
    expect(published, published.text).toMatchObject({ status: door === 'zlm' ? 200 : 201 });
    const played = await viewer.evaluate((options) => window.peer.play('viewer', options), PLAY_DOORS[playDoor](stream));
    expect(played, played.text).toMatchObject({ status: playDoor === 'zlm' ? 200 : 201 });
    const first = await expectPlaying(viewer, 'viewer');
    expect(first.videoCodec).toBe(videoCodec);

    await viewer.evaluate((options) => window.peer.play('late', options), PLAY_DOORS[playDoor](stream));
    await expectPlaying(viewer, 'late');
    await Promise.all([publisher.context().close(), viewer.context().close()]);
  });
});

it('plays a stream that has only sound', async () => {
  const [publisher, viewer] = await Promise.all([browser.open(), browser.open()]);
  const options = { ...PUBLISH_DOORS.whip('radio'), audioOnly: true };
  expect(await publisher.evaluate((whip) => window.peer.publish('publisher', whip), options)).toMatchObject({ status: 201 });
  expect(await viewer.evaluate((whep) => window.peer.play('viewer', whep), PLAY_DOORS.whep('radio'))).toMatchObject({ status: 201 });
  await expectPlaying(viewer, 'viewer', { video: false });
});

it('passes redundant audio on to who takes it, and plain opus to who does not', async () => {
  const [publisher, viewer] = await Promise.all([browser.open(), browser.open()]);
  const options = { ...PUBLISH_DOORS.whip('red'), audioOnly: true, red: true };
  expect(await publisher.evaluate((whip) => window.peer.publish('publisher', whip), options)).toMatchObject({ status: 201 });
  for (const [name, withoutRed] of [['red', false], ['plain', true]] as const) {
    await viewer.evaluate(([connection, whep]) => window.peer.play(connection, whep), [name, { ...PLAY_DOORS.whep('red'), withoutRed }] as const);
    await expectPlaying(viewer, name, { video: false });
  }
  const rows: { readonly stream: string; readonly tracks: unknown }[] = await (await fetch(`${server.url}/api/v1/streams`)).json();
  expect(rows.find(({ stream }) => stream === 'red')?.tracks).toMatchObject([{ codec: 'red' }]);
});

it('lets a browser find out soon how much a good path bears', async () => {
  const publisher = await browser.open();
  const options = { ...PUBLISH_DOORS.whip('estimate'), width: 1280, height: 720 };
  await publisher.evaluate((whip) => window.peer.publish('publisher', whip), options);
  const estimate = (): Promise<number> => publisher.evaluate(() => window.peer.availableBitrate('publisher'));
  await until('it estimates 3.5 Mbit/s', async () => (await estimate()) >= 3_500_000);
  expect(await estimate()).toBeGreaterThan(3_000_000);
});

it('takes simulcast and plays one of its layers', async () => {
  const [publisher, viewer] = await Promise.all([browser.open(), browser.open()]);
  const options = { ...PUBLISH_DOORS.whip('simulcast'), simulcast: true, videoCodec: 'VP8' } as const;
  const published = await publisher.evaluate((whip) => window.peer.publish('publisher', whip), options);
  expect(published.text).toMatch(/a=simulcast:recv h;m;l/);
  await viewer.evaluate((whep) => window.peer.play('viewer', whep), PLAY_DOORS.whep('simulcast'));
  await expectPlaying(viewer, 'viewer');
});

it('takes the push of the classic ZLMediaKit client: sendrecv, simulcast and a data channel', async () => {
  const [publisher, viewer] = await Promise.all([browser.open(), browser.open()]);
  const options = { ...PUBLISH_DOORS.zlm('classic'), sendReceive: true, simulcast: true, channel: 'chat' } as const;
  expect(await publisher.evaluate((push) => window.peer.publish('publisher', push), options)).toMatchObject({ code: 0 });
  await viewer.evaluate((play) => window.peer.play('viewer', play), { ...PLAY_DOORS.zlm('classic'), channel: 'chat' });
  await expectPlaying(viewer, 'viewer');
});

it('sends a peer its own media and messages back', async () => {
  const page = await browser.open();
  const url = `${server.url}/index/api/webrtc?app=live&stream=echo&type=echo`;
  const options = { url, dialect: 'zlm', sendReceive: true, channel: 'chat' } as const;
  expect(await page.evaluate((echo) => window.peer.publish('echo', echo), options)).toMatchObject({ code: 0 });
  await expectPlaying(page, 'echo');
  await until('the channel is open', () => page.evaluate(() => window.peer.channelState('echo') === 'open'));
  await page.evaluate(() => {
    window.peer.send('echo', 'text');
    window.peer.send('echo', [1, 2, 3]);
  });
  await until('both messages are back', async () => (await page.evaluate(() => window.peer.messages('echo'))).length === 2);
  expect(await page.evaluate(() => window.peer.messages('echo'))).toEqual(['text', [1, 2, 3]]);
});

it('carries messages between a publisher and its viewers', async () => {
  const [publisher, viewer] = await Promise.all([browser.open(), browser.open()]);
  await publisher.evaluate((whip) => window.peer.publish('publisher', whip), { ...PUBLISH_DOORS.whip('talk'), channel: 'chat' });
  await viewer.evaluate((whep) => window.peer.play('viewer', whep), { ...PLAY_DOORS.whep('talk'), channel: 'chat' });
  await until('the publisher\'s channel is open', () => publisher.evaluate(() => window.peer.channelState('publisher') === 'open'));
  await until('the viewer\'s channel is open', () => viewer.evaluate(() => window.peer.channelState('viewer') === 'open'));
  await publisher.evaluate(() => window.peer.send('publisher', 'hello viewers'));
  await viewer.evaluate(() => window.peer.send('viewer', 'hello publisher'));
  await expect.poll(() => viewer.evaluate(() => window.peer.messages('viewer'))).toContain('hello viewers');
  await expect.poll(() => publisher.evaluate(() => window.peer.messages('publisher'))).toContain('hello publisher');
});
