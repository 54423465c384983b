import { describe, expect, it } from 'vitest';
import { NO_CLUSTER, PACKET_FATE, SentPackets } from './sent-packets.ts';

function send(sent: SentPackets, count: number, startMs: number, stepMs = 1): void {
  for (let index = 0; index < count; index++) sent.add(100 + (index % 1000), NO_CLUSTER, startMs + index * stepMs);
}

describe('sent packets', () => {
  it('finds what went out under a number, after the numbers wrapped too', () => {
    const sent = new SentPackets();
    send(sent, 65_540, 0);
    expect(sent.add(777, 5, 70_000.25)).toBe(4);
    const sequence = sent.find(4);
    expect(sequence).toBe(65_540);
    expect([sent.bytes(sequence), sent.cluster(sequence), sent.sentAt(sequence, 70_100)]).toEqual([777, 5, 70_000.25]);
    expect(sent.find(65_535)).toBe(65_535);
  });

  it('knows no packet that was never sent or that is forgotten', () => {
    const sent = new SentPackets();
    expect(sent.find(0)).toBe(-1);
    send(sent, 10_000, 0);
    expect(sent.find(10_000)).toBe(-1);
    expect(sent.find(0)).toBe(-1);
    expect(sent.size).toBeLessThanOrEqual(2048);
  });

  it('keeps the fate beside the cluster', () => {
    const sent = new SentPackets();
    sent.add(1, 63, 0);
    expect(sent.fate(0)).toBe(PACKET_FATE.unreported);
    sent.setFate(0, PACKET_FATE.lost);
    sent.setFate(0, PACKET_FATE.received);
    expect([sent.fate(0), sent.cluster(0)]).toEqual([PACKET_FATE.received, 63]);
  });

  it('grows while reports are outstanding, and not when they came', () => {
    const waiting = new SentPackets();
    send(waiting, 1500, 0);
    expect(waiting.size).toBe(1500);
    expect([waiting.find(0), waiting.bytes(3), waiting.sentAt(1400, 1500)]).toEqual([0, 103, 1400]);

    const reported = new SentPackets();
    for (let index = 0; index < 1500; index++) {
      reported.add(1, NO_CLUSTER, index);
      reported.setFate(index, PACKET_FATE.received);
    }
    expect(reported.size).toBe(256);
  });

  it('does not grow for a viewer that never reports', () => {
    const sent = new SentPackets();
    send(sent, 1000, 0, 100);
    expect(sent.size).toBe(256);
  });

  it('reads times across the wrap of its microseconds', () => {
    const sent = new SentPackets();
    const wrap = 2 ** 32 / 1000;
    sent.add(1, NO_CLUSTER, wrap - 1);
    sent.add(1, NO_CLUSTER, wrap + 1);
    expect(sent.sentAt(0, wrap + 50)).toBeCloseTo(wrap - 1, 2);
    expect(sent.sentAt(1, wrap + 50)).toBeCloseTo(wrap + 1, 2);
  });
});
