import { describe, expect, it } from 'vitest';
import { Vp8Payloads, positionOf } from './frames.ts';

describe.each([30, 260, 500])('at %i packets a second', (rate) => {
  const second = Array.from({ length: rate }, (_, index) => positionOf(index, rate));

  it('30 frames begin and end in each second', () => {
    expect(second.filter(({ first }) => first)).toHaveLength(30);
    expect(second.filter(({ last }) => last)).toHaveLength(30);
    expect(second[0]?.first).toBe(true);
    expect(second.at(-1)?.last).toBe(true);
  });

  it('a frame has one timestamp, 3,000 ticks after the one before', () => {
    const timestamps = [...new Set(second.map(({ timestamp }) => timestamp))];
    expect(timestamps).toEqual(Array.from({ length: 30 }, (_, frame) => frame * 3000));
  });

  it('the first frame of each second is a keyframe', () => {
    expect(new Set(second.filter(({ keyframe }) => keyframe).map(({ timestamp }) => timestamp))).toEqual(new Set([0]));
    expect(positionOf(rate, rate)).toMatchObject({ keyframe: true, first: true, timestamp: 90_000 });
  });
});

describe('VP8 payloads', () => {
  const payloads = new Vp8Payloads(1000);
  const position = { timestamp: 0, keyframe: true, first: true, last: false };

  it('have the length that was asked for', () => {
    expect(payloads.of(position)).toHaveLength(1000);
    expect(payloads.of({ ...position, first: false })).toHaveLength(1000);
  });

  it('begin a keyframe with its start code, and clear the P bit in no other frame', () => {
    expect(payloads.of(position).subarray(4, 7)).toEqual(Buffer.from([0x9d, 0x01, 0x2a]));
    expect(payloads.of(position).readUInt8(1) & 1).toBe(0);
    expect(payloads.of({ ...position, keyframe: false }).readUInt8(1) & 1).toBe(1);
  });

  it('mark the start of a frame alone', () => {
    expect(payloads.of(position).readUInt8(0)).toBe(0x10);
    expect(payloads.of({ ...position, keyframe: false }).readUInt8(0)).toBe(0x10);
    expect(payloads.of({ ...position, first: false }).readUInt8(0)).toBe(0);
  });
});
