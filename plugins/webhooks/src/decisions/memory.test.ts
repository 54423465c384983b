import { MediaError, systemClock } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { request, setUp } from '../testing/harness.ts';
import { type Answering, json, reset, startReceiver, status } from '../testing/receiver.ts';

const another = { ...request, sessionId: 'session-2', remote: { ...request.remote, port: 50_001 } };

describe('an answer with a ttl', () => {
  test('holds for the same question until its time is over, a refusal too', async () => {
    const clock = new FakeClock();
    await using receiver = await startReceiver(json({ code: -1, msg: 'no', ttl: 30 }), json({ code: 0 }));
    await using plugin = await setUp({ onPublish: receiver.url }, clock);
    expect(await plugin.ask('publish', request)).toMatchObject({ reason: 'no' });
    await clock.advance(29_999);
    expect(await plugin.ask('publish', another)).toMatchObject({ reason: 'no' });
    expect(receiver.received).toHaveLength(1);
    await clock.advance(1);
    expect(await plugin.ask('publish', another)).toMatchObject({ allow: true });
  });

  test.each([
    { what: 'another stream', changed: { stream: 'other' } },
    { what: 'another query', changed: { query: 'token=other' } },
    { what: 'another address', changed: { remote: { address: '192.0.2.8', port: 50_000 } } },
    { what: 'a session that is asked for again', changed: { renewal: true } },
  ])('is not for $what', async ({ changed }) => {
    await using receiver = await startReceiver(json({ code: 0, ttl: 30 }), json({ code: -1 }));
    await using plugin = await setUp({ onPlay: receiver.url }, systemClock);
    expect(await plugin.ask('play', request)).toMatchObject({ allow: true });
    expect(await plugin.ask('play', { ...request, ...changed })).toMatchObject({ allow: false });
  });

  test('with forwarded credentials is not for others', async () => {
    const byToken: Answering = (response, incoming, body) => json({ allowed: (body as { token?: string }).token === 'good', ttl: 30 })(response, incoming, body);
    await using receiver = await startReceiver(byToken);
    await using plugin = await setUp({ onPlay: { url: receiver.url, forwardCredentials: true } }, systemClock);
    expect(await plugin.ask('play', { ...request, credentials: { token: 'good' } })).toMatchObject({ allow: true });
    expect(await plugin.ask('play', { ...request, credentials: { token: 'bad' } })).toMatchObject({ allow: false });
  });

  test('has its lifetime from when it was given', async () => {
    const clock = new FakeClock();
    await using receiver = await startReceiver(json({ allowed: true, ttl: 60, lifetime: 45_000 }));
    await using plugin = await setUp({ onPublish: { url: receiver.url, atLifetimeEnd: 'ask' } }, clock);
    expect(await plugin.ask('publish', request)).toMatchObject({ lifetimeMs: 45_000, renew: true });
    await clock.advance(40_000);
    expect(await plugin.ask('publish', another)).toMatchObject({ lifetimeMs: 5_000 });
    await clock.advance(5_000);
    await plugin.ask('publish', another);
    expect(receiver.received).toHaveLength(2);
  });

  test('answers those who ask at the same time, and one who leaves takes nobody along', async () => {
    let release = (): void => undefined;
    const held: Answering = (response, incoming, body) => {
      release = () => json({ code: 0, ttl: 1 })(response, incoming, body);
    };
    await using receiver = await startReceiver(held);
    await using plugin = await setUp({ onPlay: receiver.url }, systemClock);
    const leaving = new AbortController();
    const first = plugin.ask('play', request, leaving.signal).catch((error: unknown) => error);
    const others = Promise.all(Array.from({ length: 50 }, () => plugin.ask('play', another)));
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    leaving.abort(new MediaError('REQUEST_ABORTED', 'gone'));
    expect(await first).toMatchObject({ code: 'REQUEST_ABORTED' });
    release();
    expect(await others).toEqual(Array.from({ length: 50 }, () => ({ allow: true })));
    expect(receiver.received).toHaveLength(1);
  });

  test('is forgotten by a purge', async () => {
    await using receiver = await startReceiver(json({ code: 0, ttl: 30 }), json({ code: -1 }));
    await using plugin = await setUp({ onPlay: receiver.url }, systemClock);
    await plugin.ask('play', request);
    expect(plugin.targets.purgeCache()).toBe(1);
    expect(await plugin.ask('play', request)).toMatchObject({ allow: false });
  });

  test('makes place for younger ones', async () => {
    await using receiver = await startReceiver(json({ code: 0, ttl: 30 }));
    await using plugin = await setUp({ onPlay: receiver.url, maxCachedAnswers: 2 }, systemClock);
    for (const stream of ['a', 'b', 'c', 'c', 'b']) await plugin.ask('play', { ...request, stream });
    expect(receiver.received.map(({ body }) => body.stream)).toEqual(['a', 'b', 'c']);
    await plugin.ask('play', { ...request, stream: 'a' });
    expect(receiver.received).toHaveLength(4);
  });
});

test('an answer without ttl is of this question only, and an error of none', async () => {
  await using receiver = await startReceiver(json({ code: 0 }), status(500), json({ code: 0, ttl: 30 }));
  await using plugin = await setUp({ onPlay: receiver.url }, systemClock);
  await plugin.ask('play', request);
  await expect(plugin.ask('play', request)).rejects.toMatchObject({ code: 'HOOK_FAILED' });
  await plugin.ask('play', request);
  expect(receiver.received).toHaveLength(3);
});

test('of those who ask at the same time without ttl each gets an answer of its own', async () => {
  const byId: Answering = (response, incoming, body) => json({ code: 0, newStream: (body as { id: string }).id })(response, incoming, body);
  await using receiver = await startReceiver(byId);
  await using plugin = await setUp({ onPublish: receiver.url }, systemClock);
  const verdicts = await Promise.all([request, another].map((one) => plugin.ask('publish', one)));
  expect(verdicts).toMatchObject([{ stream: 'session-1' }, { stream: 'session-2' }]);
});

describe('onError', () => {
  const broken = { retries: 0 } as const;

  test.each([
    { onError: 'deny', verdict: 'HOOK_FAILED' },
    { onError: 'allow', verdict: { allow: true } },
    { onError: 'lastKnown', verdict: 'HOOK_FAILED' },
  ] as const)('$onError of a URL that was never answered', async ({ onError, verdict }) => {
    await using receiver = await startReceiver(reset);
    await using plugin = await setUp({ ...broken, onError: 'deny', onPublish: { url: receiver.url, onError } }, systemClock);
    const asked = await plugin.ask('publish', request).catch((error: { code: string }) => error.code);
    expect(asked).toEqual(verdict);
  });

  test('lastKnown is what the same question was answered with, however long ago', async () => {
    const clock = new FakeClock();
    await using receiver = await startReceiver(json({ code: 0, newStream: 'x' }), json({ code: -1, msg: 'no' }), status(500));
    await using plugin = await setUp({ ...broken, onPlay: receiver.url, onError: 'lastKnown' }, clock);
    await plugin.ask('play', request);
    await plugin.ask('play', { ...request, stream: 'other' });
    await clock.advance(3_600_000);
    expect(await plugin.ask('play', another)).toEqual({ allow: true, stream: 'x' });
    await expect(plugin.ask('play', { ...another, stream: 'other' })).rejects.toMatchObject({ code: 'HOOK_FAILED' });
    await expect(plugin.ask('play', { ...request, stream: 'new' })).rejects.toMatchObject({ code: 'HOOK_FAILED' });
  });

  test.each([undefined, 30])('lastKnown is not pushed out by refusals with the ttl %s, and ends with one of its own', async (ttl) => {
    const no = json({ code: -1, msg: 'no', ttl });
    await using receiver = await startReceiver(json({ code: 0 }), no, no, no, no, status(500), no, status(500));
    await using plugin = await setUp({ ...broken, onPlay: receiver.url, onError: 'lastKnown', maxCachedAnswers: 2 }, systemClock);
    await plugin.ask('play', request);
    for (const query of ['a', 'b', 'c', 'd']) expect(await plugin.ask('play', { ...request, query })).toMatchObject({ allow: false });
    expect(await plugin.ask('play', request)).toMatchObject({ allow: true });
    expect(await plugin.ask('play', request)).toMatchObject({ allow: false });
    const inOutage = await plugin.ask('play', request).catch((error: unknown) => error);
    expect(inOutage).toMatchObject(ttl === undefined ? { code: 'HOOK_FAILED' } : { allow: false });
  });

  test('lastKnown is not known any more when its lifetime is over', async () => {
    const clock = new FakeClock();
    await using receiver = await startReceiver(json({ allowed: true, lifetime: 60_000 }), status(500));
    await using plugin = await setUp({ ...broken, onPlay: receiver.url, onError: 'lastKnown' }, clock);
    await plugin.ask('play', request);
    await clock.advance(60_000);
    await expect(plugin.ask('play', another)).rejects.toMatchObject({ code: 'HOOK_FAILED' });
  });
});
