import { expect, it, vi } from 'vitest';
import { withDeadline } from './deadline.ts';
import { MediaError } from './errors.ts';
import { FakeClock, rejectionOf, settle } from './testing/index.ts';

const expired = (): MediaError => new MediaError('PLUGIN_TIMEOUT', 'too late');
const never = (): Promise<never> => new Promise(() => undefined);

it('gives what the task gives, and leaves no timer', async () => {
  const clock = new FakeClock();
  await expect(withDeadline(clock, { ms: 10, expired }, () => 'done')).resolves.toBe('done');
  expect(clock.pending).toBe(0);
});

it('a task that throws at once rejects like any other', async () => {
  const clock = new FakeClock();
  const broken = withDeadline(clock, { ms: 10, expired }, () => {
    throw new Error('broken');
  });
  await expect(broken).rejects.toThrow('broken');
  expect(clock.pending).toBe(0);
});

it('at the deadline the task is told by its signal and given up', async () => {
  const clock = new FakeClock();
  let signal: AbortSignal | undefined;
  const late = withDeadline(clock, { ms: 10, expired }, (own) => {
    signal = own;
    return never();
  });
  const failure = rejectionOf(late);
  await clock.advance(9);
  expect(signal?.aborted).toBe(false);
  await clock.advance(1);
  await expect(failure).resolves.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
  expect(signal?.reason).toMatchObject({ code: 'PLUGIN_TIMEOUT' });
});

it('the outer signal gives the task up earlier and is let go of afterwards', async () => {
  const clock = new FakeClock();
  const outer = new AbortController();
  const remove = vi.spyOn(outer.signal, 'removeEventListener');
  const task = withDeadline(clock, { ms: 10, expired, signal: outer.signal }, never);
  outer.abort();
  await expect(task).rejects.toMatchObject({ code: 'REQUEST_ABORTED', status: 499 });
  expect(clock.pending).toBe(0);
  expect(remove).toHaveBeenCalledOnce();
});

it('a MediaError as the reason of the outer signal is passed on', async () => {
  const closed = new MediaError('MANAGER_CLOSED', 'closing');
  const task = withDeadline(new FakeClock(), { ms: 10, expired, signal: AbortSignal.abort(closed) }, never);
  await expect(task).rejects.toBe(closed);
});

it('a failure after the deadline is nobody’s unhandled rejection', async () => {
  const clock = new FakeClock();
  const { promise, reject } = Promise.withResolvers<never>();
  const late = withDeadline(clock, { ms: 10, expired }, () => promise);
  const failure = rejectionOf(late);
  await clock.advance(10);
  await expect(failure).resolves.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
  reject(new Error('much too late'));
  await settle();
});
