import { type DataMessage, type PathPatterns, type Stream, type StreamOptions, WebRtcPluginManager, pathResolver } from '@sluice/core';
import { fakeEngine, sampleAccessRequest, sampleRequest } from '@sluice/core/testing';
import { describe, expect, test } from 'vitest';
import push from './index.ts';

const KEY = { vhost: '__defaultVhost__', app: 'live', stream: 'test' };

async function createPush(streams: Partial<StreamOptions> = {}, paths: PathPatterns = {}) {
  const engine = fakeEngine();
  const manager = new WebRtcPluginManager({ engine, streams, paths: pathResolver(paths) });
  manager.registerPlugin(push());
  await manager.ready();
  return { engine, manager, [Symbol.asyncDispose]: () => manager.close() };
}

/** Publishes live/test, up to the peer's connection. */
async function publishLive({ manager, engine }: Awaited<ReturnType<typeof createPush>>) {
  const { record } = await manager.negotiateSdp('push', sampleRequest({ query: 'key=1' }));
  const transport = engine.lastTransport;
  transport.setState('connecting');
  transport.setState('connected');
  const stream = manager.streams.find(KEY);
  if (!stream) throw new Error('the stream is not live');
  return { record, transport, stream };
}

/** A viewer that keeps what it is told. */
function watch(stream: Stream) {
  const messages: [DataMessage, string][] = [];
  const ended: string[] = [];
  stream.addReader({
    sessionId: 'viewer',
    onMessage: (message, channel) => messages.push([message, channel]),
    onEnded: (reason) => ended.push(reason),
  });
  return { messages, ended };
}

test('the stream is live when the peer has connected, with its tracks and its publisher', async () => {
  await using fixture = await createPush();
  await fixture.manager.negotiateSdp('push', sampleRequest());
  expect(fixture.engine.lastTransport.answered?.capabilities.video).toMatchObject({ direction: 'recvonly', simulcast: true });
  expect(fixture.manager.streams.list()).toEqual([]);
  fixture.engine.lastTransport.setState('connected');
  const [stream] = fixture.manager.streams.list();
  expect(stream?.key).toEqual(KEY);
  expect(stream?.tracks.map(({ kind }) => kind)).toEqual(['audio', 'video']);
  expect(stream?.publisherSessionId).toBe(fixture.manager.sessions.list()[0]?.id);
});

test('a viewer that waits is served at that moment', async () => {
  await using fixture = await createPush();
  await fixture.manager.negotiateSdp('push', sampleRequest());
  const waiting = fixture.manager.streams.waitFor(sampleAccessRequest(), new AbortController().signal);
  fixture.engine.lastTransport.setState('connected');
  expect((await waiting).key).toEqual(KEY);
});

test('a second publisher is refused and leaves no transport', async () => {
  await using fixture = await createPush();
  const { stream } = await publishLive(fixture);
  await expect(fixture.manager.negotiateSdp('push', sampleRequest())).rejects.toMatchObject({ code: 'STREAM_BUSY' });
  expect(fixture.engine.transportCount).toBe(1);
  expect(stream.state).toBe('live');
});

test('the name is free again after a publisher whose answer failed', async () => {
  await using fixture = await createPush();
  const undo = fixture.manager.setListener(() => {
    fixture.engine.lastTransport.answerError = new Error('no');
  });
  await expect(fixture.manager.negotiateSdp('push', sampleRequest())).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  undo();
  expect(fixture.engine.transportCount).toBe(0);
  await publishLive(fixture);
});

describe('a publisher that falls silent', () => {
  test('gives way to the same one that comes again, and its viewers stay', async () => {
    await using fixture = await createPush();
    const { transport, stream } = await publishLive(fixture);
    const { ended } = watch(stream);
    const again = () => fixture.manager.negotiateSdp('push', sampleRequest({ query: 'key=1' }));
    await expect(again()).rejects.toMatchObject({ code: 'STREAM_BUSY' });
    transport.setState('disconnected');
    await expect(fixture.manager.negotiateSdp('push', sampleRequest({ query: 'key=2' }))).rejects.toMatchObject({ code: 'STREAM_BUSY' });
    const { record } = await again();
    fixture.engine.lastTransport.setState('connected');
    expect(transport.state).toBe('closed');
    expect(ended).toEqual([]);
    expect(stream).toMatchObject({ state: 'live', publisherSessionId: record.id });
  });

  test('and is gone leaves its stream for a while; one that says goodbye does not', async () => {
    await using fixture = await createPush({ publisherGraceMs: 5000 });
    const { transport, stream } = await publishLive(fixture);
    transport.setState('disconnected');
    transport.setState('closed', 'silent');
    expect(stream.state).toBe('interrupted');
    await fixture.manager.negotiateSdp('push', sampleRequest({ query: 'key=1' }));
    fixture.engine.lastTransport.setState('connected');
    expect(stream.state).toBe('live');
    fixture.engine.lastTransport.setState('closed', 'goodbye');
    expect(stream.state).toBe('ended');
  });
});

describe('the stream ends, and its viewers know at once,', () => {
  test('when the transport closes', async () => {
    await using fixture = await createPush();
    const { transport, stream } = await publishLive(fixture);
    const viewer = watch(stream);
    transport.setState('closed', 'the peer left');
    expect(viewer.ended).toEqual(['the peer left']);
    expect(fixture.manager.sessions.size).toBe(0);
  });

  test('when its session is closed', async () => {
    await using fixture = await createPush();
    const { record, stream } = await publishLive(fixture);
    const viewer = watch(stream);
    await fixture.manager.closeSession(record.id, 'kicked');
    expect(viewer.ended).toEqual(['kicked']);
  });
});

test('a publisher that is silent for a while keeps its stream', async () => {
  await using fixture = await createPush();
  const { transport, stream } = await publishLive(fixture);
  const viewer = watch(stream);
  transport.setState('disconnected');
  expect(viewer.ended).toEqual([]);
  expect(stream.state).toBe('live');
  transport.setState('connected');
  expect(fixture.manager.streams.find(KEY)).toBe(stream);
  expect(fixture.manager.sessions.size).toBe(1);
});

test('closing the stream closes the transport', async () => {
  await using fixture = await createPush();
  const { transport, stream } = await publishLive(fixture);
  stream.close('nobody watches');
  expect(transport.closeReason).toBe('nobody watches');
  expect(fixture.manager.sessions.size).toBe(0);
});

describe('messages', () => {
  test("the publisher's go to every viewer, with the label of their channel", async () => {
    await using fixture = await createPush();
    const { transport, stream } = await publishLive(fixture);
    const viewers = [watch(stream), watch(stream)];
    transport.openDataChannel('chat').receive('hello');
    for (const viewer of viewers) expect(viewer.messages).toEqual([['hello', 'chat']]);
  });

  test("a viewer's goes to the channel of its label, else to the first that is open", async () => {
    await using fixture = await createPush();
    const { transport, stream } = await publishLive(fixture);
    stream.deliver('nobody hears this', 'chat');
    const shut = transport.openDataChannel('shut');
    const first = transport.openDataChannel('first');
    const chat = transport.openDataChannel('chat');
    shut.close();
    expect(stream.channels).toEqual(['first', 'chat']);
    stream.deliver('to chat', 'chat');
    stream.deliver(Uint8Array.of(7), 'unknown');
    expect(chat.sent).toEqual(['to chat']);
    expect(first.sent).toEqual([Uint8Array.of(7)]);
    expect(shut.sent).toEqual([]);
  });
});

test('a path has codecs and a keyframe cache of its own', async () => {
  await using fixture = await createPush({}, { 'live/test': { codecs: { video: ['H264'], audio: [] }, keyframeCacheBytes: 7 } });
  await fixture.manager.negotiateSdp('push', sampleRequest());
  const { answered, options } = fixture.engine.lastTransport;
  expect(new Set(answered?.capabilities.video?.codecs.map(({ name }) => name))).toEqual(new Set(['H264']));
  expect(answered?.capabilities.audio).toBeUndefined();
  expect(options.keyframeCacheBytes).toBe(7);
  await fixture.manager.negotiateSdp('push', sampleRequest({ stream: 'other' }));
  expect(fixture.engine.lastTransport.answered?.capabilities.audio).toBeDefined();
  expect(fixture.engine.lastTransport.options.keyframeCacheBytes).toBeUndefined();
});
