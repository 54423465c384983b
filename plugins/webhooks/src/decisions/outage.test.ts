import { describe, expect, test, vi } from 'vitest';
import { startManager } from '../testing/managed.ts';
import { type Answering, endless, json, reset, silence, startReceiver, status, text } from '../testing/receiver.ts';

describe('a service that dies and comes back', () => {
  test.each([
    { onError: 'deny', outcome: { code: 'HOOK_FAILED' } },
    { onError: 'allow', outcome: { sdp: 'answer' } },
  ] as const)('with onError $onError', async ({ onError, outcome }) => {
    await using receiver = await startReceiver(json({ code: 0 }));
    await using server = await startManager({ onPublish: receiver.url, onError, retries: 0, breakerOpenMs: 10_000 });
    const { record } = await server.publish('before');
    await receiver.die();
    for (let time = 0; time < 10; time += 1) {
      expect(await server.publish(`while-${time}`).catch((error: unknown) => error)).toMatchObject(outcome);
    }
    expect(server.targets.list()).toMatchObject([{ breaker: 'open', asked: 11, failed: 10 }]);
    expect(server.manager.sessions.find(record.id)).toBe(record);

    await receiver.comeBack();
    receiver.answer(json({ code: -1, msg: 'not any more' }));
    await server.clock.advance(10_000);
    await expect(server.publish('later')).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'not any more' });
    expect(server.targets.list()).toMatchObject([{ breaker: 'closed' }]);
  });

  test('lets in whom it knew and nobody else, with lastKnown', async () => {
    const byQuery: Answering = (response, request, body) => json({ code: (body as { params: string }).params === 'key=good' ? 0 : -1 })(response, request, body);
    await using receiver = await startReceiver(byQuery);
    await using server = await startManager({ onPublish: receiver.url, onError: 'lastKnown', retries: 0 });
    const { record } = await server.publish('cam', 'key=good');
    await server.manager.closeSession(record.id, 'killed');
    await expect(server.publish('cam', 'key=bad')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await receiver.die();
    expect(await server.publish('cam', 'key=good')).toMatchObject({ sdp: 'answer' });
    await expect(server.publish('cam', 'key=bad')).rejects.toMatchObject({ code: 'HOOK_FAILED' });
    await expect(server.publish('cam', 'key=new')).rejects.toMatchObject({ code: 'HOOK_FAILED' });
  });
});

test.each([
  { what: 'HTTP 500', answer: status(500) },
  { what: 'a redirect', answer: status(302, { location: '/elsewhere' }) },
  { what: 'no JSON', answer: text('<html>') },
  { what: 'a code that is no integer', answer: json({ code: '0' }) },
  { what: 'a body without end', answer: endless },
  { what: 'resets', answer: reset },
  { what: 'silence', answer: silence },
])('$what refuses within the budget, and nobody else notices', async ({ answer }) => {
  await using broken = await startReceiver(answer);
  await using receiver = await startReceiver(json({ code: 0 }));
  await using server = await startManager({ onPublish: broken.url, onPlay: receiver.url, timeoutMs: 2_000, retryDelayMs: 1_000 });
  const outcome = server.publish('cam').then(() => 'published', (error: { code: string }) => error.code);
  await vi.waitFor(() => expect(broken.received).toHaveLength(1));
  expect(await server.play('another')).toMatchObject({ sdp: 'answer' });
  let settled = false;
  void outcome.finally(() => (settled = true));
  await server.until(() => settled);
  expect(await outcome).toMatch(/^HOOK_(FAILED|TIMEOUT)$/);
  expect(server.clock.monotonic()).toBeLessThanOrEqual(5_000);
  expect(server.manager.sessions.size).toBe(1);
});

describe('the lifetime of an answer', () => {
  const short = json({ allowed: true, lifetime: 5_000, ttl: 3_600 });

  test('ends the session', async () => {
    await using receiver = await startReceiver(short);
    await using server = await startManager({ onPublish: receiver.url });
    await server.publish('cam');
    await server.clock.advance(5_000);
    expect(server.manager.sessions.listEnded()).toMatchObject([{ reason: 'lifetime over' }]);
    expect(receiver.received).toHaveLength(1);
  });

  test('has the URL asked again, and the session goes on until it refuses', async () => {
    await using receiver = await startReceiver(short, short, json({ code: -1, msg: 'Your time is over.' }));
    await using server = await startManager({ onPublish: receiver.url, atLifetimeEnd: 'ask' });
    const { record } = await server.publish('cam');
    await server.clock.advance(5_000);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2));
    expect(receiver.received[1]?.body).toMatchObject({ renewal: true, id: record.id, stream: 'cam' });
    expect(server.manager.sessions.size).toBe(1);
    await server.until(() => server.manager.sessions.size === 0);
    expect(server.manager.sessions.listEnded()).toMatchObject([{ reason: 'Your time is over.' }]);
    expect(receiver.received).toHaveLength(3);
  });
});
