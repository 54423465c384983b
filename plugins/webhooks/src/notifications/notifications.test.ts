import { settle } from '@sluice/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { type Managed, startManager } from '../testing/managed.ts';
import { type Answering, type Received, endless, json, reset, silence, startReceiver, status } from '../testing/receiver.ts';

const taken = json({ code: 0, msg: 'success' });

/** What a receiver saw of each stream: + for live, - for ended. */
function signs(received: readonly Received[]): Record<string, string> {
  const byStream: Record<string, string> = {};
  for (const { body } of received) {
    const stream = String(body['stream']);
    byStream[stream] = `${byStream[stream] ?? ''}${body['regist'] ? '+' : '-'}`;
  }
  return byStream;
}

async function publishAndLeave(server: Managed, stream: string): Promise<void> {
  const { record } = await server.publish(stream);
  await server.manager.closeSession(record.id, 'killed');
}

describe('what is told', () => {
  test('a stream that is live with its row, one that has ended, and the session with its bytes', async () => {
    await using receiver = await startReceiver(taken);
    const { url } = receiver;
    await using server = await startManager({ onStreamChanged: url, onFlowReport: url, mediaServerId: 'edge-1' });
    const { record } = await server.publish('cam', 'key=1');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    await server.clock.advance(1_600);
    await server.manager.closeSession(record.id, 'enough');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3));

    const [live, ...rest] = receiver.received.map(({ body }) => body);
    const names = { mediaServerId: 'edge-1', schema: 'rtc', vhost: '__defaultVhost__', app: 'live', stream: 'cam' };
    expect(live).toMatchObject({ ...names, regist: true, hook_index: 0, seq: 0, params: 'key=1', originTypeStr: 'rtc_push', tracks: [{ codec_type: 0 }] });
    expect(rest.find(({ regist }) => regist === false)).toEqual({ ...names, regist: false, hook_index: expect.any(Number), seq: 1 });
    expect(rest.find(({ player }) => player !== undefined)).toMatchObject({
      ...names,
      params: 'key=1',
      ip: '192.0.2.7',
      port: 50_000,
      id: record.id,
      totalBytes: 1_020,
      duration: 2,
      player: false,
      reason: 'enough',
    });
  });

  test('the start without any setting, keepalives, and the end after everything else', async () => {
    await using receiver = await startReceiver(taken);
    const { url } = receiver;
    const server = await startManager({
      onServerStarted: `${url}?hook=started&secret=hush`,
      onServerKeepalive: `${url}?hook=keepalive`,
      onStreamChanged: `${url}?hook=changed`,
      onServerExited: `${url}?hook=exited`,
      keepaliveIntervalMs: 5_000,
    });
    const told = () => receiver.received.map((one) => new URL(one.url ?? '', url).searchParams.get('hook'));
    await vi.waitFor(() => expect(told()).toEqual(['started']));
    expect(receiver.received[0]?.body).toEqual({ mediaServerId: 'sluice', hook_index: 0, seq: 0 });
    await server.publish('cam');
    await vi.waitFor(() => expect(told()).toHaveLength(2));
    await server.clock.advance(5_000);
    await vi.waitFor(() => expect(told()).toHaveLength(3));
    expect(receiver.received[2]?.body).toMatchObject({ data: { MediaSource: 1, Session: 1 } });
    await server[Symbol.asyncDispose]();
    expect(told()).toEqual(['started', 'changed', 'keepalive', 'changed', 'exited']);
    expect(signs(receiver.received.filter(({ body }) => 'regist' in body))).toEqual({ cam: '+-' });
  });

  test('after an outage one keepalive, not all of them', async () => {
    await using receiver = await startReceiver(reset);
    await using server = await startManager({ onServerKeepalive: receiver.url, keepaliveIntervalMs: 1_000, retryDelayMs: 30_000, breakerFailures: 1_000 });
    await server.until(() => receiver.received.length === 1);
    await server.clock.advance(10_000);
    expect(server.targets.list()).toMatchObject([{ hook: 'keepalive', queueLength: 1, asked: 1 }]);
  });
});

describe('exactly one stop per start, in order', () => {
  test('over kills and reconnects, while the receiver fails every now and then', async () => {
    let count = 0;
    const delivered: Received[] = [];
    const flaky: Answering = (response, request, body) => {
      count += 1;
      const fault = [reset, status(503), status(500), status(429)][count % 9];
      if (fault) return fault(response, request, body);
      delivered.push(receiver.received.at(-1)!);
      taken(response, request, body);
    };
    await using receiver = await startReceiver(flaky);
    await using server = await startManager({ onStreamChanged: receiver.url, retryDelayMs: 100, maxRetryDelayMs: 500 });
    const streams = Array.from({ length: 10 }, (_, index) => `cam-${index}`);
    for (let round = 0; round < 5; round += 1) await Promise.all(streams.map((stream) => publishAndLeave(server, stream)));
    await server.until(() => server.targets.list()[0]?.queueLength === 0);

    expect(signs(delivered)).toEqual(Object.fromEntries(streams.map((stream) => [stream, '+-+-+-+-+-'])));
    expect(delivered.map(({ body }) => body.seq as number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, seq) => seq));
    expect(server.targets.list()).toMatchObject([{ asked: 100, failed: 0, dropped: 0, deadLetters: 0 }]);
  });

  test('over an outage of the receiver, of which media feels nothing', async () => {
    await using receiver = await startReceiver(taken);
    await using server = await startManager({ onStreamChanged: receiver.url, notificationRetries: 100 });
    await publishAndLeave(server, 'cam');
    await server.until(() => server.targets.list()[0]?.queueLength === 0);
    await receiver.die();
    for (let round = 0; round < 3; round += 1) await publishAndLeave(server, 'cam');
    await publishAndLeave(server, 'other');
    await server.until(() => server.targets.list()[0]?.breaker === 'open');
    expect(server.targets.list()).toMatchObject([{ queueLength: 8, dropped: 0 }]);
    await receiver.comeBack();
    await server.until(() => server.targets.list()[0]?.queueLength === 0);
    expect(signs(receiver.received)).toEqual({ cam: '+-+-+-+-', other: '+-' });
  });

  test('a silent receiver holds up no session and no other URL', async () => {
    await using silent = await startReceiver(silence);
    await using receiver = await startReceiver(taken);
    await using server = await startManager({ onStreamChanged: [silent.url, receiver.url] });
    for (let round = 0; round < 5; round += 1) await publishAndLeave(server, 'cam');
    await vi.waitFor(() => expect(signs(receiver.received)).toEqual({ cam: '+-+-+-+-+-' }));
    expect(server.targets.list()).toMatchObject([{ queueLength: 10 }, { queueLength: 0 }]);
  });
});

describe('what cannot be delivered', () => {
  test('is a dead letter at once when it is refused, holds up nobody, and can be replayed', async () => {
    await using receiver = await startReceiver(status(400), taken);
    await using server = await startManager({ onStreamChanged: `${receiver.url}?key=hush` });
    await publishAndLeave(server, 'cam');
    await vi.waitFor(() => expect(server.targets.list()).toMatchObject([{ queueLength: 0, deadLetters: 1, failed: 1 }]));
    expect(signs(receiver.received)).toEqual({ cam: '+-' });
    const [letter] = server.targets.deadLetters();
    expect(letter).toMatchObject({ hook: 'stream-changed', attempts: 1, reason: expect.stringContaining('HTTP 400'), url: `${receiver.url}?key=***` });

    expect(server.targets.replay('no such id')).toBe(0);
    expect(server.targets.replay(letter?.id)).toBe(1);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3));
    expect(receiver.received[2]?.headers['webhook-id']).toBe(receiver.received[0]?.headers['webhook-id']);
    expect(receiver.received[2]?.raw).toBe(receiver.received[0]?.raw);
    expect(server.targets.deadLetters()).toEqual([]);
  });

  test('is replayed as far as there is room, and pushes out nothing that waits', async () => {
    await using receiver = await startReceiver(status(400), status(400), status(400), status(400), taken);
    await using server = await startManager({ onStreamChanged: receiver.url, maxQueuedNotifications: 2 });
    for (const deadLetters of [2, 4]) {
      await publishAndLeave(server, 'cam');
      await vi.waitFor(() => expect(server.targets.list()).toMatchObject([{ queueLength: 0, deadLetters }]));
    }
    expect(server.targets.replay()).toBe(2);
    expect(server.targets.list()).toMatchObject([{ deadLetters: 2, dropped: 0 }]);
    await vi.waitFor(() => expect(server.targets.list()).toMatchObject([{ queueLength: 0 }]));
    expect(server.targets.replay()).toBe(2);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(8));
    expect(server.targets.list()).toMatchObject([{ deadLetters: 0, dropped: 0 }]);
  });

  test('is a dead letter after its last attempt, and of these the oldest are forgotten', async () => {
    await using receiver = await startReceiver(status(500));
    await using server = await startManager({ onStreamChanged: receiver.url, notificationRetries: 2, retryDelayMs: 10, maxDeadLetters: 1 });
    await publishAndLeave(server, 'cam');
    await server.until(() => server.targets.list()[0]?.queueLength === 0);
    expect(receiver.received).toHaveLength(6);
    expect(server.targets.deadLetters()).toMatchObject([{ id: receiver.received[5]?.headers['webhook-id'], attempts: 3 }]);
  });

  test('is not followed to where a redirect points', async () => {
    await using other = await startReceiver(taken);
    await using receiver = await startReceiver(status(307, { location: other.url }));
    await using server = await startManager({ onStreamChanged: receiver.url });
    await server.publish('cam');
    await vi.waitFor(() => expect(server.targets.list()).toMatchObject([{ deadLetters: 1 }]));
    expect(other.received).toEqual([]);
  });

  test('is taken by a status alone, however long the answer', async () => {
    await using receiver = await startReceiver(endless);
    await using server = await startManager({ onStreamChanged: receiver.url });
    await server.publish('cam');
    await vi.waitFor(() => expect(server.targets.list()).toMatchObject([{ asked: 1, queueLength: 0, deadLetters: 0 }]));
    expect(receiver.received).toHaveLength(1);
  });

  test('waits for as long as the receiver asks', async () => {
    await using receiver = await startReceiver(status(429, { 'retry-after': '20' }), taken);
    await using server = await startManager({ onStreamChanged: receiver.url, retryDelayMs: 100 });
    await server.publish('cam');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    await settle();
    await server.clock.advance(19_000);
    expect(receiver.received).toHaveLength(1);
    await server.until(() => receiver.received.length === 2);
    expect(server.clock.monotonic()).toBeGreaterThanOrEqual(20_000);
  });

  test('makes place for what is younger when too many wait, and is counted', async () => {
    const held: (() => void)[] = [];
    await using receiver = await startReceiver((response, request, body) => void held.push(() => taken(response, request, body)));
    await using server = await startManager({ onStreamChanged: receiver.url, maxQueuedNotifications: 3 });
    for (let round = 0; round < 3; round += 1) await publishAndLeave(server, 'cam');
    await vi.waitFor(() => expect(held).toHaveLength(1));
    expect(server.targets.list()).toMatchObject([{ asked: 6, queueLength: 3, dropped: 3 }]);
    receiver.answer(taken);
    held[0]?.();
    await vi.waitFor(() => expect(receiver.received.map(({ body }) => body.seq)).toEqual([0, 4, 5]));
  });
});

describe('the end of the server', () => {
  test('sends what waits for its next attempt at once', async () => {
    await using receiver = await startReceiver(status(503), taken);
    const server = await startManager({ onStreamChanged: receiver.url, onServerExited: receiver.url, retryDelayMs: 60_000 });
    await server.publish('cam');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    await settle();
    const before = server.clock.monotonic();
    await server.manager.close();
    expect(server.clock.monotonic()).toBe(before);
    const bodies = receiver.received.slice(1).map(({ body }) => body);
    expect(bodies).toMatchObject([{ regist: true }, { regist: false }, { seq: 0 }]);
    expect(bodies[2]).not.toHaveProperty('regist');
  });

  test('is not held up longer than drainMs by a receiver that does not answer', async () => {
    await using receiver = await startReceiver(silence);
    const server = await startManager({ onStreamChanged: receiver.url, onServerExited: receiver.url, drainMs: 1_000 });
    await server.publish('cam');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    await server[Symbol.asyncDispose]();
    expect(server.clock.monotonic()).toBeLessThanOrEqual(1_100);
    expect(receiver.received).toHaveLength(2);
  });
});
