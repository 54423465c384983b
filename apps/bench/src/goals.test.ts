import { describe, expect, it } from 'vitest';
import { judge } from './goals.ts';

describe('a measurement', () => {
  it('below an upper bound reaches it, and its ratio says by how much', () => {
    expect(judge({ goal: 'setUp', value: 5 })).toEqual({ verdict: 'reached', ratio: 1.6 });
    expect(judge({ goal: 'setUp', value: 4 })).toEqual({ verdict: 'stretch', ratio: 2 });
    expect(judge({ goal: 'setUp', value: 16 })).toEqual({ verdict: 'missed', ratio: 0.5 });
  });

  it('above a lower bound reaches it', () => {
    expect(judge({ goal: 'capacity', value: 600 })).toEqual({ verdict: 'reached', ratio: 1.2 });
    expect(judge({ goal: 'capacity', value: 250 })).toEqual({ verdict: 'missed', ratio: 0.5 });
  });

  it('of nothing where nothing is wanted has no ratio', () => {
    expect(judge({ goal: 'freezes5', value: 0 })).toEqual({ verdict: 'reached', ratio: undefined });
    expect(judge({ goal: 'freezes5', value: 2 })).toEqual({ verdict: 'missed', ratio: 0 });
  });

  it('of what is only a stretch is missed or better than was asked for', () => {
    expect(judge({ goal: 'freezes10', value: 0 }).verdict).toBe('stretch');
    expect(judge({ goal: 'freezes10', value: 1 }).verdict).toBe('missed');
  });

  it('that failed is none', () => {
    expect(judge({ goal: 'setUp', value: undefined })).toEqual({ verdict: 'not measured', ratio: undefined });
  });
});
