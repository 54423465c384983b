import { describe, expect, test, vi } from 'vitest';
import { startManager } from './testing/managed.ts';
import { json, reset, startReceiver } from './testing/receiver.ts';

const NAME = '@sluice/plugin-webhooks';
const taken = json({ code: 0 });
const refused = json({ code: -1, msg: 'not here' });

describe('new options while it runs', () => {
  test('ask another URL, ask none, and ask again; sessions stay', async () => {
    await using first = await startReceiver(taken);
    await using second = await startReceiver(refused);
    await using server = await startManager({ onPublish: first.url });
    await server.publish('a');
    await server.manager.reconfigurePlugin(NAME, { onPublish: second.url });
    await expect(server.publish('b')).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'not here' });
    await server.manager.reconfigurePlugin(NAME, { onPublish: second.url, enabled: false });
    expect(server.manager.hasHook('publish')).toBe(false);
    await server.publish('b');
    await server.manager.reconfigurePlugin(NAME, { onPublish: [first.url, second.url] });
    await expect(server.publish('c')).rejects.toMatchObject({ message: 'not here' });
    expect([first.received.length, second.received.length]).toEqual([2, 2]);
    expect(server.manager.sessions.size).toBe(2);
  });

  test('that are wrong leave the old ones', async () => {
    await using receiver = await startReceiver(refused);
    await using server = await startManager({ onPublish: receiver.url });
    await expect(server.manager.reconfigurePlugin(NAME, { onPublish: 'nowhere' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(server.publish('a')).rejects.toMatchObject({ message: 'not here' });
  });

  test('keep what a URL was answered, as long as nothing of it changes', async () => {
    await using receiver = await startReceiver(json({ code: 0, ttl: 60 }));
    const options = { onPublish: receiver.url, timeoutMs: 1_000_000 };
    await using server = await startManager(options);
    await server.publish('a');
    await server.manager.closeSession(server.manager.sessions.list()[0]?.id ?? '', 'again');
    await server.manager.reconfigurePlugin(NAME, { ...options, onPlay: receiver.url });
    await server.publish('a');
    expect(receiver.received).toHaveLength(1);
    await server.manager.reconfigurePlugin(NAME, { ...options, retries: 2 });
    await server.manager.closeSession(server.manager.sessions.list()[0]?.id ?? '', 'again');
    await server.publish('a');
    expect(receiver.received).toHaveLength(2);
  });

  test('that are the old ones close no breaker', async () => {
    await using dead = await startReceiver(reset);
    const options = { onPublish: dead.url, onStreamChanged: dead.url, breakerFailures: 1, retries: 0, onError: 'allow' as const };
    await using server = await startManager({ ...options, timeoutMs: 1_000_000 });
    await server.publish('a');
    await vi.waitFor(() => expect(server.targets.list().map(({ breaker }) => breaker)).toEqual(['open', 'open']));
    await server.manager.reconfigurePlugin(NAME, { ...options, timeoutMs: 1_000_000, mediaServerId: 'renamed' });
    expect(server.targets.list().map(({ breaker }) => breaker)).toEqual(['open', 'open']);
  });

  test('send what waits to where the hook points now', async () => {
    await using dead = await startReceiver(reset);
    await using alive = await startReceiver(taken);
    const options = { retryDelayMs: 60_000, timeoutMs: 1_000_000_000 };
    await using server = await startManager({ ...options, onStreamChanged: dead.url });
    await server.publish('a');
    await server.publish('b');
    await vi.waitFor(() => expect(dead.received).toHaveLength(2));
    await server.manager.reconfigurePlugin(NAME, { ...options, onStreamChanged: alive.url });
    await server.publish('c');
    await server.until(() => server.targets.list()[0]?.queueLength === 0);
    expect(alive.received.map(({ body }) => String(body.stream)).toSorted((a, b) => a.localeCompare(b))).toEqual(['a', 'b', 'c']);
  });
});
