import { FakeClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { KeyframeRequestThrottle } from './keyframe-request-throttle.ts';

function throttleWith(options: { readonly intervalMs?: number } = {}) {
  const clock = new FakeClock();
  const sentAt: number[] = [];
  const throttle = new KeyframeRequestThrottle({ clock, intervalMs: 500, send: () => sentAt.push(clock.monotonic()), ...options });
  return { clock, sentAt, throttle };
}

describe('KeyframeRequestThrottle', () => {
  it('sends the first request at once and folds the rest into one at the end of the interval', async () => {
    const { clock, sentAt, throttle } = throttleWith();
    throttle.request();
    expect(sentAt).toEqual([0]);
    await clock.advance(100);
    throttle.request();
    throttle.request();
    await clock.advance(5000);
    expect(sentAt).toEqual([0, 500]);
    expect(throttle).toMatchObject({ requested: 3, sent: 2 });
  });

  it('keeps the interval after a folded request too', async () => {
    const { clock, sentAt, throttle } = throttleWith({ intervalMs: 200 });
    for (let at = 0; at < 1000; at += 50) {
      throttle.request();
      await clock.advance(50);
    }
    expect(sentAt).toEqual([0, 200, 400, 600, 800, 1000]);
  });

  it('sends at once again after a quiet interval', async () => {
    const { clock, sentAt, throttle } = throttleWith();
    throttle.request();
    await clock.advance(700);
    throttle.request();
    expect(sentAt).toEqual([0, 700]);
  });

  it('drops a waiting request that a keyframe has answered, not those after it', async () => {
    const { clock, sentAt, throttle } = throttleWith();
    throttle.request();
    throttle.request();
    throttle.onKeyframe();
    await clock.advance(600);
    expect(sentAt).toEqual([0]);
    throttle.request();
    throttle.onKeyframe();
    throttle.request();
    await clock.advance(600);
    expect(sentAt).toEqual([0, 600, 1100]);
  });

  it('leaves no timer and sends nothing once closed', async () => {
    const { clock, sentAt, throttle } = throttleWith();
    throttle.request();
    throttle.request();
    throttle.close();
    throttle.close();
    throttle.request();
    expect(clock.pending).toBe(0);
    await clock.advance(1000);
    expect(sentAt).toEqual([0]);
  });
});
