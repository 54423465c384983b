import { describe, expect, it } from 'vitest';
import { positionOf } from './frames.ts';
import { duePackets } from './pacer.ts';

describe.each([30, 260, 500])('at %i packets a second', (rate) => {
  it.each(['even', 'frames'] as const)('%s: as many are due in a second', (pacing) => {
    expect(duePackets(1000, rate, pacing) - duePackets(0, rate, pacing)).toBe(rate);
  });

  it('a frame is sent when it is due, and in less than half of its time', () => {
    for (let frame = 0; frame < 30; frame++) {
      const start = (frame * 1000) / 30 + 0.001;
      const [begun, half] = [duePackets(start, rate, 'frames'), duePackets(start + 15, rate, 'frames')];
      expect(positionOf(begun - 1, rate).first).toBe(true);
      expect(positionOf(half - 1, rate).last).toBe(true);
      expect(positionOf(half - 1, rate).timestamp).toBe(positionOf(begun - 1, rate).timestamp);
    }
  });
});
