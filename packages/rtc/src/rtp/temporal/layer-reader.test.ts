import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderExtensionList, writeRtpHeader } from '../rtp-header.ts';
import { RtpPacket } from '../rtp-packet.ts';
import { DependencyDescriptorReader } from './dependency-descriptor.ts';
import { LayerMark } from './layer-mark.ts';
import { LayerReader } from './layer-reader.ts';

const DESCRIPTOR_ID = 7;

interface Fields {
  readonly marker?: boolean;
  readonly timestamp?: number;
  readonly descriptor?: Buffer;
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function packetOf(payload: Buffer, { marker = false, timestamp = 0, descriptor }: Fields = {}): RtpPacket {
  const extensions = new HeaderExtensionList();
  if (descriptor) extensions.add(DESCRIPTOR_ID, descriptor);
  const target = Buffer.alloc(1500);
  const header = writeRtpHeader(target, { marker, payloadType: 96, sequenceNumber: 1, timestamp, ssrc: 1 }, extensions);
  payload.copy(target, header);
  const packet = new RtpPacket();
  expect(packet.parse(target.subarray(0, header + payload.length))).toBe(true);
  return packet;
}

function read(codec: string, payload: string, fields: Fields = {}): LayerMark & { readonly ok: boolean } {
  const reader = new LayerReader(codec, DESCRIPTOR_ID);
  const ok = reader.read(packetOf(hex(payload), fields));
  return Object.assign(reader.mark, { ok });
}

describe('VP8 (RFC 7741 section 4.2)', () => {
  it.each([
    ['with everything', '90 f0 8123 05 a0 00', { temporalLayer: 2, switchingPoint: true, pictureId: 0x123, pictureIdBits: 15, baseLayerIndex: 5 }],
    ['with a short picture id', '90 a0 23 40 00', { temporalLayer: 1, switchingPoint: false, pictureId: 0x23, pictureIdBits: 7, baseLayerIndex: -1 }],
    ['of the base layer, without a picture id', '90 60 09 00 00', { temporalLayer: 0, switchingPoint: false, pictureId: -1, baseLayerIndex: 9 }],
  ])('reads a layer %s', (_, payload, expected) => {
    expect(read('vp8', payload)).toMatchObject({ ok: true, marked: true, beginsFrame: true, ...expected });
  });

  it('says where the numbers stand, so that they can be rewritten', () => {
    const packet = packetOf(hex('90 f0 8123 05 a0 00'));
    const reader = new LayerReader('VP8', 0);
    reader.read(packet);
    expect(packet.buffer.readUInt16BE(reader.mark.pictureIdOffset) & 0x7fff).toBe(0x123);
    expect(packet.buffer.readUInt8(reader.mark.baseLayerIndexOffset)).toBe(5);
  });

  it('finds no layer where none is marked', () => {
    expect(read('VP8', '90 80 05 00', { marker: true })).toMatchObject({ ok: false, pictureId: 5, endsFrame: true });
    expect(read('VP8', '90 90 05 e0 00')).toMatchObject({ ok: false, temporalLayer: 0, switchingPoint: false });
    expect(read('VP8', '10 00')).toMatchObject({ ok: false, beginsFrame: true });
    expect(read('VP8', '00 00')).toMatchObject({ beginsFrame: false });
    expect(read('VP8', '11 00')).toMatchObject({ beginsFrame: false });
  });

  it.each(['', '90', '90 80', '90 80 81', '90 60 09', '90 20'])('takes the descriptor %j, cut short, for none', (payload) => {
    expect(read('VP8', payload).ok).toBe(false);
  });
});

describe('VP9 (RFC 9628 section 4.2)', () => {
  it('reads the non-flexible mode, with TL0PICIDX', () => {
    const expected = { ok: true, temporalLayer: 2, switchingPoint: true, spatialLayer: 1, pictureId: 0x123, baseLayerIndex: 7, beginsFrame: true, endsFrame: false };
    expect(read('VP9', 'a8 8123 52 07 00')).toMatchObject(expected);
  });

  it('reads the flexible mode, in which reference indices follow', () => {
    const expected = { ok: true, temporalLayer: 1, switchingPoint: false, spatialLayer: 0, pictureId: 0x45, pictureIdBits: 7, baseLayerIndex: -1, beginsFrame: false, endsFrame: true };
    expect(read('VP9', 'f4 45 20 02 00')).toMatchObject(expected);
  });

  it('finds no layer where none is marked, and none in a descriptor cut short', () => {
    expect(read('VP9', '8c 05 00')).toMatchObject({ ok: false, pictureId: 5, beginsFrame: true, endsFrame: true });
    for (const payload of ['', 'a8', 'a8 81', 'a8 8123', 'a8 8123 52']) expect(read('VP9', payload).ok).toBe(false);
  });
});

/** Bits from the most significant on, filled up with zeros. */
function bitsOf(...fields: readonly (readonly [value: number, width: number])[]): Buffer {
  const text = fields.map(([value, width]) => value.toString(2).padStart(width, '0')).join('');
  const octets = text.match(/.{1,8}/g) ?? [];
  return Buffer.from(octets.map((octet) => Number.parseInt(octet.padEnd(8, '0'), 2)));
}

const NOT_PRESENT = 0;
const DISCARDABLE = 1;
const SWITCH = 2;

/** L1T3: a template each for the keyframe and the three layers, a decode target for each layer, one chain. */
const L1T3_STRUCTURE: readonly (readonly [number, number])[] = [
  [60, 6], [2, 5], // template_id_offset, dt_cnt_minus_one
  [0, 2], [1, 2], [1, 2], [3, 2], // next_layer_idc: T0, T0, T1, T2
  ...[SWITCH, SWITCH, SWITCH].map((dti) => [dti, 2] as const),
  ...[SWITCH, SWITCH, SWITCH].map((dti) => [dti, 2] as const),
  ...[NOT_PRESENT, DISCARDABLE, SWITCH].map((dti) => [dti, 2] as const),
  ...[NOT_PRESENT, NOT_PRESENT, DISCARDABLE].map((dti) => [dti, 2] as const),
  [0, 1], [1, 1], [3, 4], [0, 1], [1, 1], [1, 4], [0, 1], [1, 1], [0, 4], [0, 1], // template_fdiffs
  [1, 2], // chain_cnt, ns(4)
  [0, 4], [4, 4], [2, 4], [1, 4], // template_chain_fdiff; a target's chain, ns(1), takes no bit
  [1, 1], [1279, 16], [719, 16], // resolutions
];
const KEYFRAME = bitsOf([1, 1], [0, 1], [60, 6], [100, 16], [0b10000, 5], ...L1T3_STRUCTURE);

describe('the dependency descriptor (RTP Payload Format For AV1, appendix A)', () => {
  function descriptor(template: number, frame: number): Buffer {
    return bitsOf([1, 1], [1, 1], [(60 + template) % 64, 6], [frame, 16]);
  }

  it('gives layers and switching points by the structure of the keyframe', () => {
    const reader = new LayerReader('AV1', DESCRIPTOR_ID);
    const marks = [KEYFRAME, descriptor(3, 101), descriptor(2, 102), descriptor(1, 104)].map((value) => {
      expect(reader.read(packetOf(hex('10 32 00'), { descriptor: value }))).toBe(true);
      return Object.assign(new LayerMark(), reader.mark);
    });
    expect(marks.map(({ temporalLayer }) => temporalLayer)).toEqual([0, 2, 1, 0]);
    expect(marks.map(({ switchingPoint }) => switchingPoint)).toEqual([true, false, false, true]);
    expect(marks.map(({ pictureId }) => pictureId)).toEqual([100, 101, 102, 104]);
    expect(marks[0]).toMatchObject({ beginsFrame: true, endsFrame: false });
  });

  it('prefers the indications of the frame itself', () => {
    const mark = new LayerMark();
    const reader = new DependencyDescriptorReader();
    reader.read(mark, KEYFRAME, 0, KEYFRAME.length);
    // Behind the bitmask of active targets.
    const custom = bitsOf([0, 1], [1, 1], [62, 6], [103, 16], [0b01100, 5], [7, 3], [NOT_PRESENT, 2], [SWITCH, 2], [SWITCH, 2]);
    expect(reader.read(mark, custom, 0, custom.length)).toBe(true);
    expect(mark).toMatchObject({ temporalLayer: 1, switchingPoint: true, beginsFrame: false, endsFrame: true });
  });

  it('tells spatial layers apart, and knows indications behind a structure', () => {
    const structure: readonly (readonly [number, number])[] = [
      [0, 6], [1, 5], [2, 2], [3, 2],
      [SWITCH, 2], [SWITCH, 2], [NOT_PRESENT, 2], [SWITCH, 2],
      [0, 1], [0, 1], // no fdiffs
      [0, 1], [0, 1], // chain_cnt 0 of ns(3), no resolutions
    ];
    const value = bitsOf([1, 1], [1, 1], [1, 6], [9, 16], [0b10100, 5], ...structure, [NOT_PRESENT, 2], [DISCARDABLE, 2]);
    const mark = new LayerMark();
    expect(new DependencyDescriptorReader().read(mark, value, 0, value.length)).toBe(true);
    expect(mark).toMatchObject({ spatialLayer: 1, temporalLayer: 0, switchingPoint: false });
  });

  it('says nothing before a structure has come, nor by one that is cut short', () => {
    const mark = new LayerMark();
    const reader = new DependencyDescriptorReader();
    expect(reader.read(mark, descriptor(0, 1), 0, 3)).toBe(false);
    for (let length = 0; length < KEYFRAME.length - 4; length++) expect(reader.read(mark, KEYFRAME, 0, length)).toBe(false);
    expect(reader.read(mark, descriptor(0, 1), 0, 3)).toBe(false);
    expect(reader.read(mark, KEYFRAME, 0, KEYFRAME.length)).toBe(true);
    expect(reader.read(mark, descriptor(4, 1), 0, 3)).toBe(false);
  });
});

describe('AV1 without a dependency descriptor', () => {
  it('reads the OBU extension header, behind a length and without one', () => {
    expect(read('AV1', '10 34 28 00', { marker: true })).toMatchObject({ ok: true, temporalLayer: 1, spatialLayer: 1, endsFrame: true });
    expect(read('AV1', '20 03 34 40 00 30 00')).toMatchObject({ ok: true, temporalLayer: 2, spatialLayer: 0 });
    expect(read('AV1', '10 30 00')).toMatchObject({ ok: false });
  });

  it('remembers the layer for the rest of the temporal unit', () => {
    const reader = new LayerReader('AV1', 0);
    expect(reader.read(packetOf(hex('50 34 40 00'), { timestamp: 3000 }))).toBe(true);
    expect(reader.read(packetOf(hex('90 00 00'), { timestamp: 3000, marker: true }))).toBe(true);
    expect(reader.mark).toMatchObject({ temporalLayer: 2, endsFrame: true });
    expect(reader.read(packetOf(hex('90 00 00'), { timestamp: 6000 }))).toBe(false);
  });
});

it('never reads past the payload, whatever it holds', () => {
  const reader = new DependencyDescriptorReader();
  const mark = new LayerMark();
  fc.assert(
    fc.property(fc.constantFrom('VP8', 'VP9', 'AV1', 'H264'), fc.uint8Array({ maxLength: 40 }), (codec, bytes) => {
      const whole = new LayerReader(codec, 0);
      const short = new LayerReader(codec, 0);
      const packet = packetOf(Buffer.concat([bytes, Buffer.alloc(8, 0xff)]));
      packet.payloadEnd -= 8;
      expect(whole.read(packet)).toBe(short.read(packetOf(Buffer.from(bytes))));
      expect(whole.mark).toEqual(short.mark);
      expect(whole.mark.temporalLayer).toBeLessThan(8);
      reader.read(mark, Buffer.from(bytes), 0, bytes.length);
    }),
  );
});
