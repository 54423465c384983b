import { systemClock } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { request, setUp } from '../testing/harness.ts';
import { type Answering, json, reset, silence, startReceiver, status } from '../testing/receiver.ts';

const codeOf = (asking: Promise<unknown>): Promise<unknown> => asking.then(() => 'answered', (error: { message: string }) => error.message);

describe('the circuit breaker', () => {
  test('opens after faults in a row, lets one question try, and closes when that is answered', async () => {
    const clock = new FakeClock();
    await using receiver = await startReceiver(reset);
    await using plugin = await setUp({ onPublish: receiver.url, retries: 0, breakerFailures: 3, breakerOpenMs: 10_000 }, clock);
    const state = () => plugin.targets.list()[0]?.breaker;
    const ask = () => codeOf(plugin.ask('publish', request));

    for (let failures = 0; failures < 3; failures += 1) {
      expect(state()).toBe('closed');
      expect(await ask()).toContain('could not be reached');
    }
    expect(state()).toBe('open');
    expect(await ask()).toContain('failed too often');
    expect(receiver.received).toHaveLength(3);

    await clock.advance(10_000);
    expect(state()).toBe('half-open');
    let answer = (): void => undefined;
    receiver.answer((response, incoming, body) => {
      answer = () => json({ code: 0 })(response, incoming, body);
    });
    const probe = ask();
    await vi.waitFor(() => expect(receiver.received).toHaveLength(4));
    expect(await codeOf(plugin.ask('publish', { ...request, stream: 'other' }))).toContain('failed too often');
    answer();
    expect(await probe).toBe('answered');
    expect(state()).toBe('closed');
  });

  test('opens again when the question that tries fails, and is tried by another when the asker left', async () => {
    const clock = new FakeClock();
    await using receiver = await startReceiver(reset, reset, silence, json({ code: 0 }));
    await using plugin = await setUp({ onPublish: receiver.url, retries: 0, breakerFailures: 1, breakerOpenMs: 1_000 }, clock);
    await codeOf(plugin.ask('publish', request));
    await clock.advance(1_000);
    expect(await codeOf(plugin.ask('publish', request))).toContain('could not be reached');
    expect(await codeOf(plugin.ask('publish', request))).toContain('failed too often');

    await clock.advance(1_000);
    const leaving = new AbortController();
    const left = codeOf(plugin.ask('publish', request, leaving.signal));
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3));
    leaving.abort();
    await left;
    await vi.waitFor(async () => expect(await codeOf(plugin.ask('publish', request))).toBe('answered'));
  });

  test.each([
    { what: 'refusals', answer: json({ code: -1 }) },
    { what: 'errors of a receiver that is there', answer: status(500) },
    { what: 'wrong answers', answer: json({ code: 'x' }) },
  ])('is not opened by $what, or clients could shut each other out', async ({ answer }) => {
    await using receiver = await startReceiver(answer);
    await using plugin = await setUp({ onPublish: receiver.url, breakerFailures: 1 }, systemClock);
    for (let asked = 0; asked < 3; asked += 1) await plugin.ask('publish', request).catch(() => undefined);
    expect(receiver.received).toHaveLength(3);
    expect(plugin.targets.list()).toMatchObject([{ hook: 'publish', breaker: 'closed', asked: 3 }]);
  });

  test('is of one URL only', async () => {
    await using dead = await startReceiver(reset);
    await using alive = await startReceiver(json({ code: 0 }));
    await using plugin = await setUp({ onPublish: dead.url, onPlay: alive.url, retries: 0, breakerFailures: 1 }, systemClock);
    await codeOf(plugin.ask('publish', request));
    expect(await codeOf(plugin.ask('play', request))).toBe('answered');
    expect(plugin.targets.list().map(({ breaker }) => breaker)).toEqual(['open', 'closed']);
  });
});

test('budgetMs ends a question whatever its attempts may take', async () => {
  const clock = new FakeClock();
  await using receiver = await startReceiver(silence);
  await using plugin = await setUp({ onPublish: { url: receiver.url, onError: 'allow' }, retries: 10, timeoutMs: 2_000, retryDelayMs: 0, budgetMs: 3_000 }, clock);
  const asking = plugin.ask('publish', request);
  await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
  await clock.advance(2_000);
  await vi.waitFor(async () => {
    await clock.advance(0);
    expect(receiver.received).toHaveLength(2);
  });
  await clock.advance(1_000);
  expect(await asking).toEqual({ allow: true });
  expect(clock.pending).toBe(0);
});

test('more questions than may wait fail at once, and are counted', async () => {
  const held: (() => void)[] = [];
  const hold: Answering = (response, incoming, body) => void held.push(() => json({ code: 0 })(response, incoming, body));
  await using receiver = await startReceiver(hold);
  await using plugin = await setUp({ onPublish: receiver.url, maxPendingQuestions: 2 }, systemClock);
  const waiting = ['a', 'b'].map((stream) => codeOf(plugin.ask('publish', { ...request, stream })));
  expect(await codeOf(plugin.ask('publish', request))).toContain('More than 2 questions');
  await vi.waitFor(() => expect(held).toHaveLength(2));
  for (const answer of held) answer();
  expect(await Promise.all(waiting)).toEqual(['answered', 'answered']);
  expect(plugin.targets.list()).toMatchObject([{ asked: 3, failed: 1, dropped: 1 }]);
});
