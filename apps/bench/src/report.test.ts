import { describe, expect, it } from 'vitest';
import { formatReport } from './report.ts';
import { type BenchResults, type FanOutResult, type SetUpResult, type Setting, cpuMicrosPerPacket, lossOf } from './results.ts';

const setting: Setting = {
  date: '2026-11-21T10:00:00.000Z',
  cpu: 'Test CPU',
  cores: 2,
  loadAverage: 0.5,
  kernel: 'Linux 6.1',
  node: 'v26.0.0',
  packetBytes: 1200,
  codec: 'VP8',
  srtpProfile: 'AEAD_AES_128_GCM',
  peers: { '@sluice/rtc': '0.1.0', werift: '0.25.2' },
};

function fanOut(changes: Partial<FanOutResult>): FanOutResult {
  return {
    server: 'sluice',
    viewers: 10,
    packetsPerSecond: 500,
    seconds: 10,
    published: 5000,
    received: 50_000,
    serverSent: 50_100,
    serverCpuMicros: 600_000,
    serverRssBytes: 100 * 2 ** 20,
    generatorCpuMicros: 3_000_000,
    ...changes,
  };
}

function setUp(changes: Partial<SetUpResult>): SetUpResult {
  return { server: 'sluice', sessions: 100, cpuMsPerSession: 8, answerMsP50: 2, answerMsP99: 5, rssBytesPerViewer: 65_536, ...changes };
}

function report(results: Partial<BenchResults>): string {
  return formatReport({ setting, setUp: [], fanOut: [], ...results });
}

/** Cells of the line that starts with a label. */
function cellsOf(text: string, label: string): string[] {
  const line = text.split('\n').find((candidate) => candidate.trimStart().startsWith(label));
  return (line ?? '').trim().split(/ {2,}/);
}

describe('a fan-out result', () => {
  it('costs CPU per packet that came, not per packet that was published', () => {
    expect(cpuMicrosPerPacket(fanOut({ received: 25_000 }))).toBe(24);
    expect(cpuMicrosPerPacket(fanOut({ received: 0 }))).toBeUndefined();
  });

  it('counts what every viewer should have got as expected', () => {
    expect(lossOf(fanOut({}))).toBe(0);
    expect(lossOf(fanOut({ received: 45_000 }))).toBeCloseTo(0.1);
    expect(lossOf(fanOut({ published: 0, received: 0 }))).toBe(0);
  });

  it('has lost nothing when a server repeats packets', () => {
    expect(lossOf(fanOut({ received: 50_001 }))).toBe(0);
  });
});

describe('the report', () => {
  it('names the setting and the peers', () => {
    const text = report({});
    for (const part of ['Test CPU', '2 cores', 'Linux 6.1', 'v26.0.0', '1200 bytes', 'VP8', 'AEAD_AES_128_GCM', 'werift 0.25.2']) {
      expect(text).toContain(part);
    }
  });

  it('puts both servers and the ratio in one row, whichever was measured first', () => {
    const text = report({ fanOut: [fanOut({ server: 'werift', serverCpuMicros: 2_400_000 }), fanOut({})] });
    expect(cellsOf(text, 'viewers').slice(0, 4)).toEqual(['viewers × packets/s', 'sluice', 'werift', 'ratio']);
    expect(cellsOf(text, '10 × 500').slice(0, 4)).toEqual(['10 × 500', '12.0', '48.0', '4.0 ×']);
    expect(text).not.toContain('!');
  });

  it('has one row for each number of viewers and rate', () => {
    const text = report({ fanOut: [fanOut({ packetsPerSecond: 260 }), fanOut({}), fanOut({ viewers: 50 })] });
    for (const label of ['10 × 260', '10 × 500', '50 × 500']) expect(cellsOf(text, label)[0]).toBe(label);
  });

  it('marks a measurement that lost more than 1 %, and says why', () => {
    const text = report({ fanOut: [fanOut({}), fanOut({ server: 'werift', received: 40_000, serverCpuMicros: 2_400_000 })] });
    expect(cellsOf(text, '10 × 500').slice(0, 3)).toEqual(['10 × 500', '12.0', '60.0!']);
    expect(text).toContain('20.00 %');
    expect(text).toMatch(/^! /m);
  });

  it('does not mark a loss of 1 %', () => {
    expect(report({ fanOut: [fanOut({ received: 49_500 })] })).not.toContain('!');
  });

  it('has no ratio for a server alone', () => {
    const text = report({ setUp: [setUp({})], fanOut: [fanOut({})] });
    expect(text).not.toContain('ratio');
    expect(text).not.toContain('werift  ');
  });

  it('compares the set-up line by line', () => {
    const text = report({ setUp: [setUp({}), setUp({ server: 'werift', cpuMsPerSession: 20, answerMsP99: undefined, rssBytesPerViewer: 131_072 })] });
    expect(cellsOf(text, 'server CPU per session')).toEqual(['server CPU per session, ms', '8.0', '20.0', '2.5 ×']);
    expect(cellsOf(text, 'POST → answer p99')).toEqual(['POST → answer p99, ms', '5.0', '–', '–']);
    expect(cellsOf(text, 'RSS per viewer')).toEqual(['RSS per viewer, KiB', '64', '128', '2.0 ×']);
  });

  it('leaves out what was not measured', () => {
    expect(report({ fanOut: [fanOut({})] })).not.toContain('Set-up');
    expect(report({ setUp: [setUp({})] })).not.toContain('Fan-out');
  });
});
