import { DEFAULT_TIMEOUTS, MediaError, systemClock } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { noneReaderAnswerOf, notFoundAnswerOf, parseAnswer, verdictOf } from './answer.ts';
import webhooks, { type WebhooksOptions } from '../index.ts';
import { request, setUp } from '../testing/harness.ts';
import { type Answering, deadUrl, endless, json, reset, silence, startReceiver, status, text } from '../testing/receiver.ts';

/** Asks on_publish once, with as many attempts as there are answers, and no pause between them. */
async function publish(answers: readonly Answering[], options: WebhooksOptions = {}) {
  await using receiver = await startReceiver(...answers);
  const settings = { onPublish: receiver.url, retries: answers.length - 1, retryDelayMs: 0, ...options };
  await using plugin = await setUp(settings, systemClock);
  const verdict = await plugin.ask('publish', request).catch((error: unknown) => error);
  return { verdict, received: receiver.received };
}

describe('bodies', () => {
  const common = {
    app: 'live',
    stream: 'cam',
    vhost: '__defaultVhost__',
    schema: 'rtc',
    protocol: 'rtc',
    params: 'token=abc&x=1',
    ip: '192.0.2.7',
    port: 50_000,
    id: 'session-1',
  };

  test('on_publish tells who publishes what, and the origin', async () => {
    const { received } = await publish([json({ code: 0 })], { mediaServerId: 'edge-1' });
    expect(received).toMatchObject([
      {
        method: 'POST',
        url: '/hook',
        headers: { 'content-type': 'application/json' },
        body: { mediaServerId: 'edge-1', hook_index: 0, ...common, originType: 8, originTypeStr: 'rtc_push' },
      },
    ]);
  });

  test('on_play, on_stream_not_found and on_stream_none_reader; the index counts on', async () => {
    await using receiver = await startReceiver(json({ code: 0 }));
    const { url } = receiver;
    await using plugin = await setUp({ onPlay: url, onStreamNotFound: url, onStreamNoneReader: url }, systemClock);
    const stream = { vhost: 'v', app: 'live', stream: 'cam' };

    await plugin.ask('play', request);
    await plugin.ask('stream-not-found', request);
    await plugin.ask('none-reader', { stream, idleMs: 20_000, query: 'a=b' });

    expect(receiver.received.map(({ body }) => body)).toEqual([
      { mediaServerId: 'sluice', hook_index: 0, ...common },
      { mediaServerId: 'sluice', hook_index: 1, ...common },
      { mediaServerId: 'sluice', hook_index: 2, schema: 'rtc', ...stream, params: 'a=b' },
    ]);
  });

  test('a hook point without URL is left alone', async () => {
    await using plugin = await setUp({ onPlay: 'http://127.0.0.1/' }, systemClock);
    expect(Object.keys(plugin.handlers)).not.toContain('publish');
  });
});

describe('access answers', () => {
  test.each([
    { answer: { code: 0 }, verdict: { allow: true } },
    { answer: { code: 0, msg: 'welcome', extra: { ignored: true } }, verdict: { allow: true } },
    { answer: { code: -1, msg: 'not today' }, verdict: { allow: false, reason: 'not today', status: 403 } },
    { answer: { code: 7 }, verdict: { allow: false, reason: 'refused', status: 403 } },
    { answer: { code: -100, msg: 'log in' }, verdict: { allow: false, reason: 'log in', status: 401 } },
    { answer: { allowed: true, ttl: 30 }, verdict: { allow: true } },
    {
      answer: { allowed: true, lifetime: 60_000, newStream: 'other' },
      verdict: { allow: true, lifetimeMs: 60_000, stream: 'other' },
    },
    { answer: { allowed: true, lifetime: 0 }, verdict: { allow: true } },
    { answer: { allowed: false, reason: 'no' }, verdict: { allow: false, reason: 'no', status: 403 } },
    { answer: { code: 0, allowed: false }, verdict: { allow: false, reason: 'refused', status: 403 } },
    { answer: { code: 1, allowed: true }, verdict: { allow: false, reason: 'refused', status: 403 } },
  ])('$answer', async ({ answer, verdict }) => {
    expect((await publish([json(answer)])).verdict).toEqual(verdict);
  });
});

describe('answers about streams', () => {
  test.each([
    { answer: { code: 0 }, notFound: undefined, noneReader: 'keep' },
    { answer: { code: 0, close: false }, notFound: undefined, noneReader: 'keep' },
    { answer: { code: 0, close: true }, notFound: 'reject', noneReader: 'close' },
    { answer: { code: -1, msg: 'no' }, notFound: 'reject', noneReader: 'keep' },
    { answer: { code: -1, close: true }, notFound: 'reject', noneReader: 'keep' },
    { answer: { allowed: false }, notFound: 'reject', noneReader: 'keep' },
  ])('$answer', async ({ answer, notFound, noneReader }) => {
    await using receiver = await startReceiver(json(answer));
    const { url } = receiver;
    await using plugin = await setUp({ onStreamNotFound: url, onStreamNoneReader: url }, systemClock);
    expect(await plugin.ask('stream-not-found', request)).toBe(notFound);
    expect(await plugin.ask('none-reader', { stream: request, idleMs: 1, query: '' })).toBe(noneReader);
  });
});

describe('fails closed, without asking again', () => {
  test.each([
    { what: 'HTTP 500', answer: status(500), message: 'HTTP 500' },
    { what: 'HTTP 201', answer: status(201), message: 'HTTP 201' },
    { what: 'HTTP 401', answer: status(401), message: 'HTTP 401' },
    { what: 'a redirect', answer: status(302, { location: '/elsewhere' }), message: 'HTTP 302' },
    { what: 'no JSON', answer: text('<html>ok</html>'), message: 'not JSON' },
    { what: 'an empty body', answer: text(''), message: 'not JSON' },
    { what: 'an array', answer: json([{ code: 0 }]), message: 'wrong answer' },
    { what: 'null', answer: json(null), message: 'wrong answer' },
    { what: 'neither code nor allowed', answer: json({ msg: 'ok' }), message: 'wrong answer' },
    { what: 'a code of text', answer: json({ code: '0' }), message: 'wrong answer' },
    { what: 'a code that is no integer', answer: json({ code: 0.5 }), message: 'wrong answer' },
    { what: 'a code of null', answer: json({ code: null }), message: 'wrong answer' },
    { what: 'allowed as text', answer: json({ allowed: 'yes' }), message: 'wrong answer' },
    { what: 'a negative lifetime', answer: json({ allowed: true, lifetime: -1 }), message: 'wrong answer' },
    { what: 'a huge body', answer: json({ code: 0, msg: 'x'.repeat(70_000) }), message: 'more than 65536 bytes' },
  ])('$what', async ({ answer, message }) => {
    const { verdict, received } = await publish([answer, json({ code: 0 })]);
    expect(verdict).toMatchObject({ code: 'HOOK_FAILED', message: expect.stringContaining(message) });
    expect(received.map(({ url }) => url)).toEqual(['/hook']);
  });

  test('a huge body that never ends', async () => {
    const { verdict } = await publish([endless], { maxResponseBytes: 1_000 });
    expect(verdict).toMatchObject({ code: 'HOOK_FAILED', message: expect.stringContaining('more than 1000 bytes') });
  });
});

describe('transport faults', () => {
  test.each([
    { what: 'a reset', fault: reset },
    { what: 'HTTP 502', fault: status(502) },
    { what: 'HTTP 503', fault: status(503) },
    { what: 'HTTP 504', fault: status(504) },
    {
      what: 'a body that breaks off',
      fault: ((response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"code"', () => response.destroy());
      }) satisfies Answering,
    },
  ])('$what is asked again, once', async ({ fault }) => {
    const served = await publish([fault, json({ code: 0 })]);
    expect(served.verdict).toEqual({ allow: true });
    expect(served.received).toHaveLength(2);

    const failed = await publish([fault, fault, json({ code: 0 })], { retries: 1 });
    expect(failed.verdict).toMatchObject({ code: 'HOOK_FAILED' });
    expect(failed.received).toHaveLength(2);
  });

  test('nobody listens', async () => {
    await using plugin = await setUp({ onPublish: await deadUrl(), retryDelayMs: 0 }, systemClock);
    await expect(plugin.ask('publish', request)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: 'The on_publish hook could not be reached, or broke off.',
    });
  });

  test('a silent receiver is given up after timeoutMs and asked again after retryDelayMs', async () => {
    const clock = new FakeClock();
    await using receiver = await startReceiver(silence);
    await using plugin = await setUp({ onPublish: receiver.url, timeoutMs: 10_000, retryDelayMs: 3_000 }, clock);
    const asking = plugin.ask('publish', request).catch((error: unknown) => error);

    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    await clock.advance(10_000);
    await vi.waitFor(() => expect(clock.pending).toBe(2));
    await clock.advance(2_999);
    expect(receiver.received).toHaveLength(1);
    await clock.advance(1);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2));
    await clock.advance(10_000);

    expect(await asking).toMatchObject({ code: 'HOOK_TIMEOUT', message: expect.stringContaining('23000 ms') });
    expect(clock.pending).toBe(0);
  });

  test('with the defaults both attempts are over before the manager gives the hook up', async () => {
    const clock = new FakeClock();
    await using receiver = await startReceiver(silence);
    await using plugin = await setUp({ onPublish: receiver.url }, clock);
    const asking = plugin.ask('publish', request).catch((error: unknown) => error);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    await clock.advance(2_000);
    await vi.waitFor(() => expect(clock.pending).toBe(2));
    await clock.advance(1_000);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2));
    await clock.advance(2_000);
    expect(await asking).toMatchObject({ code: 'HOOK_TIMEOUT' });
    expect(clock.monotonic()).toBeLessThan(DEFAULT_TIMEOUTS.hookMs);
  });

  test('a receiver that sends its headers and then nothing is given up too', async () => {
    const clock = new FakeClock();
    let begun = false;
    const stalls: Answering = (response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{', () => (begun = true));
    };
    await using receiver = await startReceiver(stalls);
    await using plugin = await setUp({ onPublish: receiver.url, retries: 0 }, clock);
    const asking = plugin.ask('publish', request).catch((error: unknown) => error);
    await vi.waitFor(() => expect(begun).toBe(true));
    await clock.advance(10_000);
    expect(await asking).toMatchObject({ code: 'HOOK_TIMEOUT' });
  });
});

describe('the signal of the manager', () => {
  test('ends an attempt', async () => {
    const clock = new FakeClock();
    await using receiver = await startReceiver(silence);
    await using plugin = await setUp({ onPublish: receiver.url }, clock);
    const controller = new AbortController();
    const asking = plugin.ask('publish', request, controller.signal).catch((error: unknown) => error);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    controller.abort(new MediaError('REQUEST_ABORTED', 'gone'));
    expect(await asking).toMatchObject({ code: 'REQUEST_ABORTED' });
    expect(clock.pending).toBe(0);
  });

  test('ends the pause before the next attempt', async () => {
    const clock = new FakeClock();
    const timers = vi.spyOn(clock, 'setTimeout');
    await using receiver = await startReceiver(status(503));
    await using plugin = await setUp({ onPublish: receiver.url, retryDelayMs: 3_000 }, clock);
    const controller = new AbortController();
    const asking = plugin.ask('publish', request, controller.signal).catch((error: unknown) => error);
    await vi.waitFor(() => expect(timers).toHaveBeenCalledWith(expect.any(Function), 3_000));
    controller.abort(new MediaError('HOOK_TIMEOUT', 'too late'));
    expect(await asking).toMatchObject({ code: 'HOOK_TIMEOUT', message: 'too late' });
    expect(clock.pending).toBe(0);
    expect(receiver.received).toHaveLength(1);
  });
});

test('connections are kept and capped', async () => {
  const sockets = new Set<unknown>();
  const remember: Answering = (response, incoming, body) => {
    sockets.add(incoming.socket);
    json({ code: 0 })(response, incoming, body);
  };
  await using receiver = await startReceiver(remember);
  await using plugin = await setUp({ onPublish: receiver.url, maxConnections: 2 }, systemClock);
  await Promise.all(Array.from({ length: 20 }, () => plugin.ask('publish', request)));
  await plugin.ask('publish', request);
  expect(receiver.received).toHaveLength(21);
  expect(sockets.size).toBeLessThanOrEqual(2);
});

describe('options', () => {
  test.each([
    { onPublish: 'not a url' },
    { onPlay: 'ftp://example.com/' },
    { retries: -1 },
    { timeoutMs: 0 },
    { onPulbish: 'http://example.com/' },
  ])('%o is refused', (options) => {
    expect(() => webhooks(options as WebhooksOptions)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('a URL object is taken', () => {
    expect(() => webhooks({ onPublish: new URL('https://example.com/hook?secret=1') })).not.toThrow();
  });
});

describe('whatever a URL answers', () => {
  const field = fc.oneof(fc.anything(), fc.boolean(), fc.integer(), fc.string(), fc.constantFrom(0, -100, 0.5, -0, 1e300));
  const names = ['code', 'msg', 'close', 'allowed', 'reason', 'ttl', 'lifetime', 'newStream', 'source'];
  const likely = fc.dictionary(fc.constantFrom(...names), field).map((answer) => JSON.stringify(answer) ?? '');

  test('is an answer, or HOOK_FAILED; and nobody passes without a clear yes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), likely), (body) => {
        try {
          const answer = parseAnswer('on_play', body);
          const says: { code?: unknown; allowed?: unknown } = JSON.parse(body);
          const isYes = (says.code === 0 || says.code === undefined) && says.allowed !== false;
          expect(verdictOf(answer, 'close').allow).toBe(isYes && (says.code === 0 || says.allowed === true));
          expect(noneReaderAnswerOf(answer)).toMatch(/^(keep|close)$/);
          notFoundAnswerOf(answer);
        } catch (error) {
          if (!MediaError.is(error) || error.code !== 'HOOK_FAILED') throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
