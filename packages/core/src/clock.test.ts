import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const THIRTY_DAYS_MS = 30 * 24 * 3600 * 1000;

it('a delay longer than a Node timer can hold is kept', () => {
  const task = vi.fn<() => void>();
  systemClock.setTimeout(task, THIRTY_DAYS_MS);
  vi.advanceTimersByTime(THIRTY_DAYS_MS - 1);
  expect(task).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(task).toHaveBeenCalledOnce();
});

it('a long delay can be cancelled in its second half', () => {
  const task = vi.fn<() => void>();
  const cancel = systemClock.setTimeout(task, THIRTY_DAYS_MS);
  vi.advanceTimersByTime(THIRTY_DAYS_MS - 1);
  cancel();
  vi.advanceTimersByTime(THIRTY_DAYS_MS);
  expect(task).not.toHaveBeenCalled();
});

it('a delay that is over already fires at once, without a warning', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  vi.useRealTimers();
  const cancel = systemClock.setTimeout(() => undefined, -5);
  cancel();
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});
