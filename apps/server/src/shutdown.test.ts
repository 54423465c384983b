import { EventEmitter } from 'node:events';
import { silentLogger } from '@sluice/core';
import { FakeClock, settle } from '@sluice/core/testing';
import { expect, test, vi } from 'vitest';
import { stopOnSignal } from './shutdown.ts';

function setUp(close: () => Promise<void>, drain = () => Promise.resolve()) {
  const signals = new EventEmitter();
  const clock = new FakeClock();
  const exit = vi.fn<(code: number) => void>();
  stopOnSignal({ drain, close, logger: silentLogger, exit, signals, clock });
  return { signals, clock, exit };
}

const never = () => new Promise<void>(() => undefined);

test.each(['SIGINT', 'SIGTERM'])('%s closes, then exits with 0', async (signal) => {
  const close = vi.fn(() => Promise.resolve());
  const { signals, exit } = setUp(close);
  signals.emit(signal, signal);
  expect(exit).not.toHaveBeenCalled();
  await settle();
  expect(close).toHaveBeenCalledOnce();
  expect(exit.mock.calls).toEqual([[0]]);
});

test('a failure to close is exit code 1', async () => {
  const { signals, exit } = setUp(() => Promise.reject(new Error('no')));
  signals.emit('SIGTERM', 'SIGTERM');
  await settle();
  expect(exit.mock.calls).toEqual([[1]]);
});

test('closing that hangs is ended before 5 s have passed', async () => {
  const { signals, clock, exit } = setUp(never);
  signals.emit('SIGTERM', 'SIGTERM');
  await settle();
  await clock.advance(4_000);
  expect(exit).not.toHaveBeenCalled();
  await clock.advance(900);
  expect(exit.mock.calls).toEqual([[1]]);
});

test('a second signal exits at once, but the same key press told twice does not', async () => {
  const { signals, clock, exit } = setUp(never);
  signals.emit('SIGINT', 'SIGINT');
  await clock.advance(20);
  signals.emit('SIGINT', 'SIGINT');
  expect(exit).not.toHaveBeenCalled();
  await clock.advance(1_000);
  signals.emit('SIGINT', 'SIGINT');
  expect(exit.mock.calls).toEqual([[1]]);
});

test('SIGTERM lets sessions end before it closes, SIGINT does not, and a second signal cuts that short', async () => {
  const close = vi.fn(never);
  const drain = vi.fn(never);
  const interrupted = setUp(close, drain);
  interrupted.signals.emit('SIGINT', 'SIGINT');
  await settle();
  expect([drain.mock.calls.length, close.mock.calls.length]).toEqual([0, 1]);

  close.mockClear();
  const { signals, clock, exit } = setUp(close, drain);
  signals.emit('SIGTERM', 'SIGTERM');
  await clock.advance(60_000);
  expect([drain.mock.calls.length, close.mock.calls.length]).toEqual([1, 0]);
  signals.emit('SIGTERM', 'SIGTERM');
  await settle();
  expect(close).toHaveBeenCalledOnce();
  expect(exit).not.toHaveBeenCalled();
  await clock.advance(1_000);
  signals.emit('SIGTERM', 'SIGTERM');
  expect(exit.mock.calls).toEqual([[1]]);
});
