import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.ts';

const options = { payloadType: 96, rtxPayloadType: 97, transportCcId: 2, loss: 0 };

function packet({ sequence, payloadType = 96, transport }: { sequence: number; payloadType?: number; transport?: number }): Buffer {
  const extension = transport === undefined ? [] : [0xbe, 0xde, 0, 2, 0x10, 0x30, 0x21, transport >> 8, transport & 0xff, 0, 0, 0];
  return Buffer.from([transport === undefined ? 0x80 : 0x90, payloadType, sequence >> 8, sequence & 0xff, 0, 0, 0, 0, 0, 0, 0, 9, ...extension, 1, 2, 3]);
}

describe('what has come', () => {
  it('is counted over the wrap of sequence numbers, with its cycles', () => {
    const arrivals = new Arrivals(options);
    for (const sequence of [65_534, 65_535, 0, 1]) arrivals.add(packet({ sequence }), 0);
    expect(arrivals).toMatchObject({ received: 4, retransmitted: 0, ssrc: 9, highestSequence: 65_537, missing: [] });
  });

  it('names its transport-wide sequence number, behind other extensions too', () => {
    const arrivals = new Arrivals(options);
    expect(arrivals.add(packet({ sequence: 1, transport: 4321 }), 0)).toBe(4321);
    expect(arrivals.add(packet({ sequence: 2 }), 0)).toBeUndefined();
    expect(new Arrivals({ ...options, transportCcId: undefined }).add(packet({ sequence: 1, transport: 4321 }), 0)).toBeUndefined();
  });

  it('is no packet of another payload type, and no stump', () => {
    const arrivals = new Arrivals(options);
    arrivals.add(packet({ sequence: 1, payloadType: 98 }), 0);
    arrivals.add(packet({ sequence: 1 }).subarray(0, 11), 0);
    expect(arrivals.received).toBe(0);
  });

  it('has jitter when packets of one time come apart', () => {
    const arrivals = new Arrivals(options);
    arrivals.add(packet({ sequence: 1 }), 0);
    arrivals.add(packet({ sequence: 2 }), 16);
    expect(arrivals.jitter).toBe(90);
  });
});

describe('what is lost', () => {
  it('is missing until it comes again, by the same SSRC or by RTX', () => {
    const arrivals = new Arrivals(options);
    for (const sequence of [1, 2, 5]) arrivals.add(packet({ sequence }), 0);
    expect(arrivals.missing).toEqual([3, 4]);
    arrivals.add(packet({ sequence: 4 }), 0);
    expect(arrivals.missing).toEqual([3]);
    arrivals.add(packet({ sequence: 100, payloadType: 97 }), 0);
    expect(arrivals.missing).toEqual([]);
    expect(arrivals).toMatchObject({ received: 3, retransmitted: 2 });
  });

  it('on purpose is the share that was asked for, and counts as received', () => {
    const arrivals = new Arrivals({ ...options, loss: 0.1 });
    for (let sequence = 1; sequence <= 95; sequence++) arrivals.add(packet({ sequence }), 0);
    expect(arrivals).toMatchObject({ received: 95, ignored: 9 });
    expect(arrivals.missing).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it('is given up, the oldest first', () => {
    const arrivals = new Arrivals(options);
    for (const sequence of [1, 4]) arrivals.add(packet({ sequence }), 0);
    arrivals.giveUp(1);
    expect(arrivals.missing).toEqual([3]);
  });
});
