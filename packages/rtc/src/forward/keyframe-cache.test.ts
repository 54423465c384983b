import { beforeEach, describe, expect, it } from 'vitest';
import { PacketHistory } from '../rtp/packet-history.ts';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { KeyframeCache } from './keyframe-cache.ts';
import { type TestPacket, VP8, VP8_DELTA, VP8_KEYFRAME, rtp } from './testing/sections.ts';

const FRAME = 3000;

let history: PacketHistory;
let cache: KeyframeCache;
let now: number;

beforeEach(() => {
  history = new PacketHistory({ capacity: 64 });
  cache = new KeyframeCache(history, 10_000);
  now = 1000;
});

function add(packet: TestPacket, codec = VP8): void {
  const view = new RtpPacket();
  view.parse(rtp(packet));
  history.store(view.sequenceNumber, view.buffer, 0, view.buffer.length, now);
  cache.add(view, codec, packet.payload === VP8_KEYFRAME, now);
}

function addKeyframe(sequenceNumber: number, timestamp = sequenceNumber * FRAME): void {
  add({ sequenceNumber, timestamp, payload: VP8_KEYFRAME });
}

function addDeltas(first: number, last: number): void {
  for (let number = first; number <= last; number++) add({ sequenceNumber: number & 0xffff, timestamp: number * FRAME });
}

/** Sequence numbers of the group, undefined for what is missing. */
function group(): readonly (number | undefined)[] {
  const { firstSequence, packets } = cache;
  return Array.from({ length: packets }, (_, offset) => cache.at(firstSequence + offset)?.readUInt16BE(2));
}

describe('the group of pictures', () => {
  it('is every packet since the last keyframe', () => {
    addDeltas(1, 3);
    expect(cache.isUsable(now)).toBe(false);
    addKeyframe(4);
    addDeltas(5, 6);
    expect(cache.isUsable(now)).toBe(true);
    expect(group()).toEqual([4, 5, 6]);
    addKeyframe(7);
    expect(group()).toEqual([7]);
  });

  it('goes on over the wrap of sequence numbers', () => {
    addKeyframe(65_534);
    addDeltas(65_535, 65_538);
    expect(group()).toEqual([65_534, 65_535, 0, 1, 2]);
    expect(cache.find(65_536)?.readUInt16BE(2)).toBe(0);
    for (const sequence of [0, 65_539]) expect(cache.find(sequence)).toBeUndefined();
  });

  it('begins once for a keyframe of several packets', () => {
    addKeyframe(10, 0);
    addKeyframe(11, 0);
    const before = cache.group;
    addKeyframe(9, 0);
    expect(cache.group).toBe(before);
    expect(group()).toEqual([9, 10, 11]);
  });

  it('keeps packets that overtook their keyframe', () => {
    addKeyframe(1);
    addDeltas(2, 2);
    addDeltas(4, 5);
    addKeyframe(3);
    expect(group()).toEqual([3, 4, 5]);
    expect(cache.isUsable(now + 10_000)).toBe(true);
  });

  it('does not go back to a keyframe that comes after a newer one', () => {
    addKeyframe(5);
    addKeyframe(2);
    expect(group()).toEqual([5]);
  });

  it('ends when the stream has another SSRC or codec', () => {
    addKeyframe(1);
    add({ sequenceNumber: 2, ssrc: 2 });
    expect(cache.isUsable(now)).toBe(false);
    add({ sequenceNumber: 3, ssrc: 2, payload: VP8_KEYFRAME });
    expect(group()).toEqual([3]);
    add({ sequenceNumber: 4, ssrc: 2 }, { ...VP8, name: 'VP9' });
    expect(cache.isUsable(now)).toBe(false);
  });
});

describe('a gap', () => {
  it('that is repaired in time does no harm', () => {
    addKeyframe(1);
    addDeltas(4, 5);
    expect(cache.isUsable(now + 500)).toBe(true);
    now += 900;
    addDeltas(2, 3);
    expect(cache.isUsable(now + 5000)).toBe(true);
    expect(group()).toEqual([1, 2, 3, 4, 5]);
  });

  it('that is not makes the group unusable until the next keyframe', () => {
    addKeyframe(1);
    addDeltas(3, 3);
    now += 1001;
    addDeltas(4, 4);
    expect(cache.isUsable(now)).toBe(false);
    addKeyframe(5);
    expect(cache.isUsable(now)).toBe(true);
  });
});

describe('the bounds', () => {
  it('of bytes, packets and age end a group, and the next one begins afresh', () => {
    addKeyframe(1);
    addDeltas(2, 64);
    expect(cache.isUsable(now)).toBe(true);
    addDeltas(65, 65);
    expect(cache.isUsable(now)).toBe(false);

    addKeyframe(66);
    add({ sequenceNumber: 67, payload: Buffer.alloc(1400, VP8_DELTA) });
    for (let number = 68; number < 75; number++) add({ sequenceNumber: number, payload: Buffer.alloc(1400, VP8_DELTA) });
    expect(cache.isUsable(now)).toBe(false);

    addKeyframe(75);
    now += 30_001;
    addDeltas(76, 76);
    expect(cache.isUsable(now)).toBe(false);
    expect(cache.find(75)).toBeUndefined();
    expect(cache.overflows).toBe(3);
    addKeyframe(77);
    expect(cache.isUsable(now)).toBe(true);
  });

  it('hold when a publisher jumps in its sequence numbers', () => {
    addKeyframe(1);
    addDeltas(30_000, 30_000);
    expect(cache.isUsable(now)).toBe(false);
    expect(cache.overflows).toBe(1);
  });
});

it('is short up to half a second of media, over the wrap of timestamps', () => {
  addKeyframe(1, 2 ** 32 - 20_000);
  add({ sequenceNumber: 2, timestamp: 25_000 });
  expect(cache.isShort).toBe(true);
  add({ sequenceNumber: 3, timestamp: 25_001 });
  expect(cache.isShort).toBe(false);
});
