import { type DataMessage, WebRtcPluginManager, allow, metrics, pathResolver } from '@sluice/core';
import { FakeClock, FakeTrack, MemoryLogger, fakeEngine, sampleRequest, settle } from '@sluice/core/testing';
import { describe, expect, test, vi } from 'vitest';
import play from './index.ts';

const KEY = { vhost: '__defaultVhost__', app: 'live', stream: 'test' };

async function createPlay() {
  const engine = fakeEngine();
  const clock = new FakeClock();
  const logger = new MemoryLogger();
  const manager = new WebRtcPluginManager({ engine, clock, logger, streams: { maxStreamWaitMs: 15_000 } });
  manager.registerPlugin(play());
  await manager.ready();
  const delivered: [DataMessage, string][] = [];
  const tracks = [new FakeTrack('a', 'audio'), new FakeTrack('v', 'video')];
  /** Publishes live/test from inside this process. */
  const publishLive = () => {
    const source = { tracks, close: () => undefined, deliver: (message: DataMessage, channel: string) => delivered.push([message, channel]) };
    const publication = manager.streams.publish(KEY, source);
    publication.live();
    return publication;
  };
  const view = () => manager.negotiateSdp('play', sampleRequest());
  return { engine, clock, logger, manager, tracks, delivered, publishLive, view, [Symbol.asyncDispose]: () => manager.close() };
}

test('every track of the stream is sent, sendonly', async () => {
  await using fixture = await createPlay();
  const { stream } = fixture.publishLive();
  await fixture.view();
  const { outbound, answered } = fixture.engine.lastTransport;
  expect(outbound.map(({ source }) => source)).toEqual(fixture.tracks);
  expect(answered?.capabilities.video?.direction).toBe('sendonly');
  expect(stream.readerCount).toBe(1);
});

test('a publisher that takes the stream over is seen by who watches already', async () => {
  await using fixture = await createPlay();
  const source = { identity: 'someone', silent: true, tracks: fixture.tracks, close: () => undefined };
  fixture.manager.streams.publish(KEY, source).live();
  await fixture.view();
  const tracks = [new FakeTrack('a2', 'audio'), new FakeTrack('v2', 'video')];
  fixture.manager.streams.publish(KEY, { ...source, tracks }).live();
  expect(fixture.engine.lastTransport.outbound.map((outbound) => outbound.source)).toEqual(tracks);
  expect(fixture.engine.lastTransport.state).not.toBe('closed');
});

test('the codecs of its path are what a viewer is answered', async () => {
  await using fixture = await createPlay();
  fixture.publishLive();
  fixture.manager.reconfigure({ paths: pathResolver({ 'live/*': { codecs: { video: ['VP9', 'VP8'] } } }) });
  await fixture.view();
  expect(fixture.engine.lastTransport.answered?.capabilities.video?.codecs.map(({ name }) => name)).toEqual(['VP9', 'VP8']);
});

describe('a stream that nobody publishes', () => {
  test('is waited for', async () => {
    await using fixture = await createPlay();
    const viewing = fixture.view();
    await settle();
    expect(fixture.engine.transports).toEqual([]);
    fixture.publishLive();
    expect((await viewing).record.role).toBe('viewer');
  });

  test('is not found in the end, and no transport was made for it', async () => {
    await using fixture = await createPlay();
    const viewing = fixture.view().catch((error: unknown) => error);
    await fixture.clock.advance(15_000);
    expect(await viewing).toMatchObject({ code: 'STREAM_NOT_FOUND' });
    expect(fixture.engine.transports).toEqual([]);
  });

  test('is not waited for by a viewer that went away', async () => {
    await using fixture = await createPlay();
    const controller = new AbortController();
    const viewing = fixture.manager.negotiateSdp('play', sampleRequest({ signal: controller.signal }));
    await settle();
    controller.abort();
    await expect(viewing).rejects.toMatchObject({ code: 'REQUEST_ABORTED' });
    const { stream } = fixture.publishLive();
    expect(stream.totalReaderCount).toBe(0);
  });
});

test('the end of the stream closes the viewer at once', async () => {
  await using fixture = await createPlay();
  const publication = fixture.publishLive();
  await fixture.view();
  publication.end('the publisher left');
  expect(fixture.engine.lastTransport.closeReason).toBe('the publisher left');
  expect(fixture.manager.sessions.size).toBe(0);
});

test('a viewer that leaves is no reader any more', async () => {
  await using fixture = await createPlay();
  const { stream } = fixture.publishLive();
  await fixture.view();
  await fixture.view();
  fixture.engine.transports[0]?.setState('closed', 'gone');
  expect(stream.readerCount).toBe(1);
  expect(stream.totalReaderCount).toBe(2);
});

test('a viewer whose answer fails is no reader any more', async () => {
  await using fixture = await createPlay();
  const { stream } = fixture.publishLive();
  fixture.manager.setListener(() => {
    fixture.engine.lastTransport.answerError = new Error('no');
  });
  await expect(fixture.view()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  expect(stream.readerCount).toBe(0);
  expect(fixture.engine.transportCount).toBe(0);
});

test('a track that cannot be sent leaves no transport and no reader', async () => {
  await using fixture = await createPlay();
  const { stream } = fixture.publishLive();
  const createTransport = fixture.engine.createTransport.bind(fixture.engine);
  vi.spyOn(fixture.engine, 'createTransport').mockImplementation((options) => {
    const transport = createTransport(options);
    vi.spyOn(transport, 'send').mockImplementation(() => {
      throw new Error('a track of another engine');
    });
    return transport;
  });
  await expect(fixture.view()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  expect(stream.readerCount).toBe(0);
  expect(fixture.engine.transportCount).toBe(0);
});

describe('a layer', () => {
  const limits = (fixture: Awaited<ReturnType<typeof createPlay>>) => fixture.engine.lastTransport.layerLimits;

  test('that the URL asks for bounds the video, and nothing else', async () => {
    await using fixture = await createPlay();
    fixture.publishLive();
    await fixture.manager.negotiateSdp('play', sampleRequest({ params: { layer: 'm' } }));
    expect(limits(fixture)).toEqual([['video', 'm']]);
  });

  test('that the stream does not have refuses the viewer', async () => {
    await using fixture = await createPlay();
    const { stream } = fixture.publishLive();
    const createTransport = fixture.engine.createTransport.bind(fixture.engine);
    vi.spyOn(fixture.engine, 'createTransport').mockImplementation((options) => {
      const transport = createTransport(options);
      transport.unknownLayers.add('x');
      return transport;
    });
    const viewing = fixture.manager.negotiateSdp('play', sampleRequest({ params: { layer: 'x' } }));
    await expect(viewing).rejects.toMatchObject({ code: 'LAYER_UNKNOWN', status: 422 });
    expect([stream.readerCount, fixture.engine.transportCount]).toEqual([0, 0]);
  });

  test('can be asked for on a control channel, which answers', async () => {
    await using fixture = await createPlay();
    fixture.publishLive();
    await fixture.view();
    const transport = fixture.engine.lastTransport;
    transport.unknownLayers.add('x');
    const channel = transport.openDataChannel('control');
    for (const layer of ['l', 360, null, 'x']) channel.receive(JSON.stringify({ type: 'layer', layer }));
    expect(limits(fixture)).toEqual([['video', 'l'], ['video', '360'], ['video', undefined]]);
    expect(channel.sent.map((reply) => JSON.parse(String(reply)))).toEqual([
      { type: 'layer', layer: 'l' },
      { type: 'layer', layer: '360' },
      { type: 'layer', layer: null },
      { type: 'error', code: 'LAYER_UNKNOWN', message: 'There is no layer x.' },
    ]);
    expect(fixture.delivered).toEqual([]);
  });

  test('is no reason to keep other messages from the publisher, nor those of other channels', async () => {
    await using fixture = await createPlay();
    fixture.publishLive();
    await fixture.view();
    const request = JSON.stringify({ type: 'layer', layer: 'l' });
    fixture.engine.lastTransport.openDataChannel('chat').receive(request);
    const control = fixture.engine.lastTransport.openDataChannel('control');
    for (const message of ['{', 'null', '{"type":"other"}', Uint8Array.of(1)]) control.receive(message);
    expect(fixture.delivered.map(([message]) => message)).toEqual([request, '{', 'null', '{"type":"other"}', Uint8Array.of(1)]);
    expect(limits(fixture)).toEqual([]);
  });
});

describe('messages', () => {
  test("the viewer's go to the publisher and to the input hooks", async () => {
    await using fixture = await createPlay();
    fixture.publishLive();
    const inputs: unknown[] = [];
    fixture.manager.hook('input', (input) => void inputs.push(input));
    const { record } = await fixture.view();
    const channel = fixture.engine.lastTransport.openDataChannel('input');
    channel.receive('click');
    channel.receive(Uint8Array.of(1));
    await settle();
    expect(fixture.delivered).toEqual([['click', 'input'], [Uint8Array.of(1), 'input']]);
    expect(inputs).toEqual([
      { stream: KEY, sessionId: record.id, channel: 'input', message: 'click' },
      { stream: KEY, sessionId: record.id, channel: 'input', message: Uint8Array.of(1) },
    ]);
  });

  test('of a viewer that may not control the stream reach nobody, as long as that is so', async () => {
    await using fixture = await createPlay();
    fixture.publishLive();
    const inputs: unknown[] = [];
    fixture.manager.hook('input', (input) => void inputs.push(input));
    fixture.manager.hook('play', ({ renewal }) => (renewal ? allow({ control: true }) : allow({ control: false, lifetimeMs: 5_000, renew: true })));
    await fixture.view();
    const { lastTransport } = fixture.engine;
    const [channel, control] = ['input', 'control'].map((label) => lastTransport.openDataChannel(label));
    channel?.receive('click');
    control?.receive('also a message');
    control?.receive('{"type":"layer","layer":"l"}');
    await settle();
    expect([fixture.delivered, inputs]).toEqual([[], []]);
    expect(fixture.engine.lastTransport.layerLimits).toEqual([['video', 'l']]);
    await fixture.clock.advance(5_000);
    channel?.receive('again');
    await settle();
    expect(fixture.delivered).toEqual([['again', 'input']]);
    expect(inputs).toMatchObject([{ message: 'again' }]);
  });

  test('that are withheld are counted, and said once of each session', async () => {
    await using fixture = await createPlay();
    fixture.publishLive();
    fixture.manager.hook('play', () => allow({ control: false }));
    const ids: string[] = [];
    for (const text of ['a', 'b']) {
      ids.push((await fixture.view()).record.id);
      const channel = fixture.engine.lastTransport.openDataChannel('input');
      for (const message of [text, text, text]) channel.receive(message);
    }
    await settle();
    const families = await Promise.all(fixture.manager.contributions(metrics).map(async ({ value }) => value.collect()));
    expect(families.flat()).toMatchObject([{ name: 'sluice_play_messages_withheld_total', samples: [{ value: 6 }] }]);
    const said = fixture.logger.lines.filter(({ message }) => message.startsWith('Messages of this viewer are withheld'));
    expect(said.map(({ fields }) => fields['session'])).toEqual(ids);
  });

  test("the publisher's go to the channel of their label, else to every open one", async () => {
    await using fixture = await createPlay();
    const publication = fixture.publishLive();
    await fixture.view();
    const transport = fixture.engine.lastTransport;
    publication.broadcast('nobody hears this', 'chat');
    const [chat, other, shut] = ['chat', 'other', 'shut'].map((label) => transport.openDataChannel(label));
    shut?.close();
    publication.broadcast('to chat', 'chat');
    publication.broadcast('to all', 'unknown');
    expect(chat?.sent).toEqual(['to chat', 'to all']);
    expect(other?.sent).toEqual(['to all']);
    expect(shut?.sent).toEqual([]);
  });
});
