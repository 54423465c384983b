import { describe, expect, it } from 'vitest';
import { positionOf } from './frames.ts';
import { duePackets } from './pacer.ts';

describe.each([30, 260, 500])('at %i packets a second', (rate) => {
  it.each(['even', 'frames'] as const)('%s: as many are due in a second', (pacing) => {
    expect(duePackets(1000, rate, pacing) - duePackets(0, rate, pacing)).toBe(rate);
  });

  it('a frame is sent whole when it is due', () => {
    for (let frame = 0; frame < 30; frame++) {
      const last = duePackets((frame * 1000) / 30 + 0.001, rate, 'frames') - 1;
      expect(positionOf(last, rate)).toMatchObject({ last: true, timestamp: frame * 3000 });
      expect(duePackets(((frame + 1) * 1000) / 30 - 0.001, rate, 'frames') - 1).toBe(last);
    }
  });
});
