import { expect, it } from 'vitest';
import { TemporalFilter } from './temporal-filter.ts';

/** Of L1T3, as encoders describe it: any picture of the base layer lets a viewer go to all layers, none of the others does. */
function mark(picture: number): { temporalLayer: number; switchingPoint: boolean; switchesUpTo: number } {
  const temporalLayer = [0, 2, 1, 2][picture % 4]!;
  return { temporalLayer, switchingPoint: temporalLayer === 0, switchesUpTo: temporalLayer === 2 ? -1 : 2 };
}

it('takes all layers up again from a picture that says so, and that the viewer has', () => {
  const filter = new TemporalFilter();
  const passed: number[] = [];
  const show = (first: number, last: number): void => {
    for (let picture = first; picture <= last; picture++) if (filter.admits(picture * 3000, mark(picture), false)) passed.push(picture);
  };
  filter.wanted = 0;
  show(0, 9);
  filter.wanted = Infinity;
  show(10, 15);
  expect(passed).toEqual([0, 4, 8, 12, 13, 14, 15]);
});
