import { httpRoutes } from '@sluice/core';
import { FakeTrack, readyManager, sampleOffer, sampleRequest } from '@sluice/core/testing';
import { describe, expect, test, vi } from 'vitest';
import streamKey, { type StreamKeyOptions } from './index.ts';

const KEY = 'open sesame';
const STREAM = { vhost: '__defaultVhost__', app: 'live', stream: 'test' };
const PACKET = { payload: new Uint8Array(100), timestamp: 0, marker: true };

/** The plugin in a manager of fakes, and a live stream `live/test`. */
async function createRecorder() {
  const { manager, clock, engine } = await readyManager([streamKey({ key: KEY })]);
  const audio = new FakeTrack('a', 'audio');
  const video = new FakeTrack('v', 'video');
  const publication = manager.streams.publish(STREAM, { tracks: [audio, video], close: () => undefined });
  publication.live();
  return {
    manager,
    clock,
    engine,
    audio,
    video,
    publication,
    record: (params: Record<string, string> = { key: KEY }) =>
      manager.negotiateSdp('record-stats', sampleRequest({ params, offer: sampleOffer(['application']) })),
    [Symbol.asyncDispose]: () => manager.close(),
  };
}

type Recorder = Awaited<ReturnType<typeof createRecorder>>;

/** Asks the route that the plugin contributes. */
async function askRoute({ manager }: Recorder, session: string): Promise<unknown> {
  const [route] = manager.contributions(httpRoutes);
  const response = await route!.value.handler(new Request(`http://localhost/record-stats/${session}`), { session });
  return response.json();
}

describe('the key', () => {
  test.each([
    [{}, 'This stream is locked: add ?key=… to its address.'],
    [{ key: '' }, 'This key does not open the stream.'],
    [{ key: 'open' }, 'This key does not open the stream.'],
  ])('%j is refused in the words of the plugin', async (params, message) => {
    await using recorder = await createRecorder();
    await expect(recorder.record(params)).rejects.toMatchObject({ code: 'FORBIDDEN', message });
    expect(recorder.engine.transports).toEqual([]);
  });

  test('lets whoever has it in', async () => {
    await using recorder = await createRecorder();
    expect((await recorder.record()).record).toMatchObject({ type: 'record-stats', role: 'viewer' });
  });

  test.each([undefined, {}, { key: '' }, { key: 7 }])('must be configured: %j is refused', (options) => {
    expect(() => streamKey(options as StreamKeyOptions)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('a recorder', () => {
  test('offers no media, and counts as a viewer', async () => {
    await using recorder = await createRecorder();
    await recorder.record();
    const { answered, outbound } = recorder.engine.lastTransport;
    expect(answered?.capabilities).toEqual({ data: true });
    expect(outbound).toEqual([]);
    expect(recorder.publication.stream.readerCount).toBe(1);
  });

  test('is told what there is when its channel opens, then every second', async () => {
    await using recorder = await createRecorder();
    await recorder.record();
    const channel = recorder.engine.lastTransport.openDataChannel('stats');
    recorder.video.write(PACKET);
    recorder.audio.write(PACKET);
    recorder.audio.write(PACKET);
    await recorder.clock.advance(2_000);
    const reports = channel.sent.map((message) => JSON.parse(String(message)));
    const last = {
      app: 'live',
      stream: 'test',
      tracks: [
        { kind: 'audio', codec: 'opus', packets: 2, bytes: 200, keyframes: 0 },
        { kind: 'video', codec: 'VP8', packets: 1, bytes: 100, keyframes: 0 },
      ],
    };
    expect(reports).toMatchObject([{ tracks: [{ packets: 0 }, { packets: 0 }] }, last, last]);
  });

  test('may ask over HTTP too, by the id of its session', async () => {
    await using recorder = await createRecorder();
    const { record } = await recorder.record();
    recorder.video.write(PACKET);
    expect(await askRoute(recorder, record.id)).toMatchObject({ stream: 'test', tracks: [{ packets: 0 }, { packets: 1 }] });
    await expect(askRoute(recorder, 'guessed')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  });

  test('is told how the stream ended, before its session is closed', async () => {
    await using recorder = await createRecorder();
    const { record } = await recorder.record();
    const transport = recorder.engine.lastTransport;
    const channel = transport.openDataChannel('stats');
    recorder.publication.end('the publisher left');
    expect(JSON.parse(String(channel.sent.at(-1)))).toMatchObject({ stream: 'test', ended: 'the publisher left' });
    expect(transport.closeReason).toBe('the publisher left');
    expect(recorder.manager.sessions.size).toBe(0);
    await expect(askRoute(recorder, record.id)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  });

  test('that leaves takes its listeners and its timer with it', async () => {
    await using recorder = await createRecorder();
    const stop = vi.fn();
    vi.spyOn(recorder.video, 'onRtp').mockReturnValue(stop);
    const { stream } = recorder.publication;
    // Somebody stays, else the manager's own timer for unwatched streams would run.
    stream.addReader({ sessionId: 'other', onEnded: () => undefined });
    const { record } = await recorder.record();
    expect([stream.readerCount, recorder.clock.pending]).toEqual([2, 1]);
    await recorder.manager.closeSession(record.id, 'seen enough');
    expect(stop).toHaveBeenCalledOnce();
    expect([stream.readerCount, recorder.clock.pending]).toEqual([1, 0]);
  });

  test('whose stream ends while it connects leaves no transport', async () => {
    await using recorder = await createRecorder();
    vi.spyOn(recorder.publication.stream, 'addReader').mockImplementation(() => {
      throw new Error('too late');
    });
    await expect(recorder.record()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    expect(recorder.engine.transportCount).toBe(0);
  });
});
