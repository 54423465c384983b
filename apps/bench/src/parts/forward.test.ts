import { describe, expect, it } from 'vitest';
import { formatTable } from '../report/table.ts';
import { forwardReport } from './forward.ts';
import { type ForwardResult, cpuMicrosPerPacket, lossOf } from './forward-measurement.ts';

function result(changes: Partial<ForwardResult>): ForwardResult {
  return {
    server: 'native',
    streams: 1,
    viewers: 10,
    packetsPerSecond: 500,
    seconds: 10,
    published: 5000,
    received: 50_000,
    retransmitted: 250,
    undecipherable: 0,
    serverCpuMicros: 200_000,
    serverRssBytes: 100 * 2 ** 20,
    viewersCpuMicros: 3_000_000,
    bufferErrors: 0,
    withFeedback: 10,
    ...changes,
  };
}

/** Cells of the line that starts with a label. */
function cellsOf(results: readonly ForwardResult[], label: string): string[] {
  const lines = formatTable(forwardReport(results, ['native', 'portable', 'werift', 'janus']).table).split('\n');
  return (lines.find((line) => line.trimStart().startsWith(label)) ?? '').trim().split(/ {2,}/);
}

const werift = result({ server: 'werift', serverCpuMicros: 2_000_000 });
const janus = result({ server: 'janus', serverCpuMicros: 1_000_000 });

describe('a forwarding result', () => {
  it('costs CPU per packet that came, not per packet that was published', () => {
    expect(cpuMicrosPerPacket(result({ received: 25_000 }))).toBe(8);
    expect(cpuMicrosPerPacket(result({ received: 0 }))).toBeUndefined();
  });

  it('counts what every viewer of each stream should have got as expected', () => {
    expect(lossOf(result({}))).toBe(0);
    expect(lossOf(result({ received: 45_000 }))).toBeCloseTo(0.1);
    expect(lossOf(result({ streams: 5, published: 25_000 }))).toBe(0);
    expect(lossOf(result({ published: 0, received: 0 }))).toBe(0);
  });
});

describe('the table', () => {
  it('has all servers of a case in one row, and how many times cheaper the native tier is', () => {
    expect(cellsOf([janus, werift, result({ server: 'portable', serverCpuMicros: 400_000 }), result({})], '10 × 500').slice(0, 7)).toEqual([
      '10 × 500',
      '4.0',
      '8.0',
      '40.0',
      '20.0',
      '10.0 ×',
      '5.0 ×',
    ]);
  });

  it('marks a measurement that lost more than 1 %', () => {
    expect(cellsOf([result({}), result({ server: 'portable', received: 49_500 }), { ...werift, received: 40_000 }], '10 × 500').slice(1, 4)).toEqual(['4.0', '4.0', '50.0!']);
  });
});

describe('the figures', () => {
  const figuresOf = (results: readonly ForwardResult[]) => forwardReport(results, ['native', 'werift', 'janus']).figures;

  it('take the dearest rate of each number of viewers', () => {
    expect(figuresOf([result({}), result({ packetsPerSecond: 260, received: 25_000 }), result({ viewers: 1 })])).toMatchObject([
      { goal: 'forwardNative', label: '10 viewers', value: 8 },
      { goal: 'forwardNative', label: '1 viewer', value: 4 },
      { goal: 'againstWerift', value: undefined },
      { goal: 'againstJanus', value: undefined },
    ]);
  });

  it('compare no case in which somebody was overloaded', () => {
    const overloaded = [result({ viewers: 50, published: 5000, received: 250_000 }), result({ server: 'werift', viewers: 50, received: 100_000 })];
    expect(figuresOf([result({}), werift, ...overloaded]).filter(({ goal }) => goal === 'againstWerift')).toEqual([
      { goal: 'againstWerift', label: 'least (10 × 500)', value: 10 },
      { goal: 'againstWerift', label: 'most (10 × 500)', value: 10 },
    ]);
  });
});
