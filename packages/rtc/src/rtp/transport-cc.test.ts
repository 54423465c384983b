import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TransportCcFeedback } from './rtcp-packets.ts';
import { parseRtcp } from './rtcp-parse.ts';
import { writeTransportCc } from './transport-cc.ts';

/** From the tests of another implementation (pion/rtcp): one packet, one byte of padding. */
const ONE_PACKET = Buffer.from('afcd0005fa17fa1743032fa0009900013de8021720019401', 'hex');
const ONE_PACKET_FEEDBACK: TransportCcFeedback = {
  type: 'transport-cc',
  senderSsrc: 0xfa17_fa17,
  mediaSsrc: 0x4303_2fa0,
  baseSequenceNumber: 153,
  referenceTime: 4_057_090,
  feedbackCount: 23,
  arrivals: [4_057_090 * 64_000 + 37_000],
};

function feedback(arrivals: readonly (number | undefined)[], referenceTime = 0): TransportCcFeedback {
  return { type: 'transport-cc', senderSsrc: 1, mediaSsrc: 2, baseSequenceNumber: 65_530, referenceTime, feedbackCount: 255, arrivals };
}

function chunksOf(packet: Buffer, count: number): string[] {
  return Array.from({ length: count }, (_, index) => packet.readUInt16BE(20 + 2 * index).toString(2).padStart(16, '0'));
}

function received(ticks: number): number {
  return ticks * 250;
}

describe('transport-wide feedback', () => {
  it('reads and writes a known packet', () => {
    expect(parseRtcp(ONE_PACKET)).toEqual([ONE_PACKET_FEEDBACK]);
    expect(writeTransportCc(ONE_PACKET_FEEDBACK)).toEqual(ONE_PACKET);
  });

  it('writes runs as run-length chunks', () => {
    const arrivals = [...Array.from({ length: 20 }, () => 0), ...Array.from({ length: 9000 }, () => undefined), received(300)];
    const packet = writeTransportCc(feedback(arrivals));
    expect(chunksOf(packet, 4)).toEqual([
      '0010000000010100', // 20 small deltas
      '0001111111111111', // 8191 losses
      '0000001100101001', // the other 809
      '0100000000000001', // a large delta
    ]);
    expect(parseRtcp(packet)).toEqual([feedback(arrivals)]);
  });

  it('writes changing symbols as vectors of one bit, or of two where a delta is large', () => {
    const oneBit = Array.from({ length: 14 }, (_, index) => (index % 2 === 0 ? 0 : undefined));
    const twoBits = [received(1000), undefined, 0, undefined, received(1), undefined, received(2)];
    const packet = writeTransportCc(feedback([...oneBit, ...twoBits]));
    expect(chunksOf(packet, 2)).toEqual(['1010101010101010', '1110001000010001']);
    expect(parseRtcp(packet)).toEqual([feedback([...oneBit, ...twoBits])]);
  });

  it.each([
    [1, 1],
    [2, 0],
    [3, 3],
    [4, 2],
  ])('declares the padding behind %i small deltas, which the length counts', (count, padding) => {
    const packet = writeTransportCc(feedback(Array.from({ length: count }, () => 0)));
    expect(packet.length).toBe(20 + 2 + count + padding);
    expect(packet.length).toBe(4 * (packet.readUInt16BE(2) + 1));
    expect(packet.readUInt8(0)).toBe(padding > 0 ? 0xaf : 0x8f);
    expect(packet.at(-1)).toBe(padding);
  });

  it('carries negative reference times', () => {
    const early = feedback([received(-256 + 3)], -1);
    expect(parseRtcp(writeTransportCc(early))).toEqual([early]);
  });

  it('refuses what has no form', () => {
    expect(() => writeTransportCc(feedback([]))).toThrow(RangeError);
    expect(() => writeTransportCc(feedback([0, received(0x8000)]))).toThrow(RangeError);
    expect(() => writeTransportCc(feedback(Array.from({ length: 0x1_0000 }, () => 0)))).toThrow(RangeError);
  });

  it.each([
    ['no status', '8fcd0005 00000001 00000002 00000000 00000000 20010000'],
    ['too few chunks', '8fcd0005 00000001 00000002 00000020 00000000 bfffbfff'],
    ['too few deltas', '8fcd0005 00000001 00000002 00000003 00000000 20030101'],
    ['a reserved symbol', '8fcd0005 00000001 00000002 00000001 00000000 60010000'],
    ['no chunk', '8fcd0004 00000001 00000002 00000001 00000000'],
  ])('calls feedback with %s malformed', (_, hex) => {
    expect(parseRtcp(Buffer.from(hex.replaceAll(' ', ''), 'hex')).map((packet) => packet.type)).toEqual(['malformed']);
  });

  it('round-trips anything that fits', () => {
    const step = fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 255 }), fc.integer({ min: -0x8000, max: 0x7fff }));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), fc.integer({ min: -0x80_0000, max: 0x7f_ffff }), (steps, reference) => {
        let ticks = reference * 256;
        const arrivals = steps.map((delta) => (delta === undefined ? undefined : received((ticks += delta))));
        expect(parseRtcp(writeTransportCc(feedback(arrivals, reference)))).toEqual([feedback(arrivals, reference)]);
      }),
      { numRuns: 500 },
    );
  });
});
