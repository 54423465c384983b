import { describe, expect, it } from 'vitest';
import { PacketHistory } from './packet-history.ts';

function store(history: PacketHistory, sequenceNumber: number, text: string, nowMs = 0): void {
  const packet = Buffer.from(`--${text}--`);
  history.store(sequenceNumber, packet, 2, packet.length - 2, nowMs);
}

describe('PacketHistory', () => {
  it('finds what was stored, by unwrapped numbers', () => {
    const history = new PacketHistory();
    store(history, 65_535, 'a');
    store(history, 0, 'bc');
    expect([65_535, 0, 1].map((sequenceNumber) => history.unwrap(sequenceNumber))).toEqual([65_535, 65_536, 65_537]);
    expect(history.find(65_535, 0)?.toString()).toBe('a');
    expect(history.find(65_536, 0)?.toString()).toBe('bc');
    expect(history.find(0, 0)).toBeUndefined();
    expect(history.find(65_537, 0)).toBeUndefined();
  });

  it('keeps a copy', () => {
    const history = new PacketHistory();
    const packet = Buffer.from('abc');
    history.store(1, packet, 0, 3, 0);
    packet.fill(0);
    expect(history.find(1, 0)?.toString()).toBe('abc');
  });

  it('gives a slot to the newer packet', () => {
    const history = new PacketHistory({ capacity: 4 });
    for (let sequenceNumber = 0; sequenceNumber < 6; sequenceNumber++) store(history, sequenceNumber, `packet ${sequenceNumber}`);
    expect([0, 1, 2, 5].map((sequenceNumber) => history.find(sequenceNumber, 0)?.toString())).toEqual([
      undefined,
      undefined,
      'packet 2',
      'packet 5',
    ]);
  });

  it('forgets by age', () => {
    const history = new PacketHistory({ maxAgeMs: 100 });
    store(history, 1, 'a', 1000);
    expect(history.find(1, 1100)?.toString()).toBe('a');
    expect(history.find(1, 1101)).toBeUndefined();
  });

  it('takes no packet of a cycle ago for one that was left out', () => {
    const history = new PacketHistory();
    for (const sequenceNumber of [1, 20_000, 40_000, 60_000, 65_536 + 10]) store(history, sequenceNumber & 0xffff, `packet ${sequenceNumber}`);
    const find = (sequenceNumber: number): string | undefined => history.find(history.unwrap(sequenceNumber), 0)?.toString();
    expect(find(1)).toBeUndefined();
    expect(find(10)).toBe('packet 65546');
    expect(find(60_000)).toBe('packet 60000');
    store(history, 1, 'late');
    expect(find(1)).toBe('late');
  });

  it('uses the buffer of a slot again, for shorter packets and longer ones up to its step', () => {
    const history = new PacketHistory({ capacity: 1 });
    store(history, 1, 'x'.repeat(100));
    const first = history.find(1, 0)?.buffer;
    store(history, 2, 'y'.repeat(256));
    expect(history.find(2, 0)?.buffer).toBe(first);
    expect(history.find(2, 0)?.toString()).toBe('y'.repeat(256));
    store(history, 3, 'z');
    expect(history.find(3, 0)?.buffer).toBe(first);
    expect(history.find(3, 0)?.toString()).toBe('z');
    store(history, 4, 'w'.repeat(257));
    expect(history.find(4, 0)?.toString()).toBe('w'.repeat(257));
  });

  it('leaves out and counts packets over its length', () => {
    const history = new PacketHistory({ maxPacketLength: 3 });
    store(history, 1, 'abcd');
    store(history, 2, 'abc');
    expect(history.find(1, 0)).toBeUndefined();
    expect(history.find(2, 0)?.toString()).toBe('abc');
    expect(history.oversize).toBe(1);
  });

  it('gives packets of any age to those who ask for them', () => {
    const history = new PacketHistory({ capacity: 4, maxAgeMs: 100 });
    store(history, 1, 'abc', 0);
    expect(history.find(1, 101)).toBeUndefined();
    expect(history.peek(1)?.toString()).toBe('abc');
    expect([1, 2, 5].map((sequenceNumber) => history.lengthOf(sequenceNumber))).toEqual([3, 0, 0]);
    expect(history.capacity).toBe(4);
  });

  it('is empty when cleared', () => {
    const history = new PacketHistory();
    store(history, 0, 'a');
    history.clear();
    expect(history.find(0, 0)).toBeUndefined();
  });

  it.each([0, 3, 1000, 65_536])('refuses a capacity of %i', (capacity) => {
    expect(() => new PacketHistory({ capacity })).toThrow(RangeError);
  });
});
