import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameSize } from './frame-size.ts';
import { beginsBSlice, h264ProfileLevelId } from './h264.ts';
import { isKeyframe, keyframeSize } from './keyframe.ts';

function bytes(...parts: readonly string[]): Buffer {
  return Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');
}

/** The payload between other bytes, which must not be read. */
function inspect(codecName: string, payload: Buffer): { readonly key: boolean; readonly size: FrameSize | undefined } {
  const packet = Buffer.concat([Buffer.alloc(12, 0x65), payload, Buffer.alloc(12, 0x65)]);
  const end = 12 + payload.length;
  return { key: isKeyframe(codecName, packet, 12, end), size: keyframeSize(codecName, packet, 12, end) };
}

/** An aggregation packet's units, each behind its length. */
function aggregated(...units: readonly string[]): string {
  return units.map((unit) => (unit.length / 2).toString(16).padStart(4, '0') + unit).join('');
}

/** An OBU of up to 127 bytes as it should be sent: without the size field of its header. */
function withoutSizeField(obu: string): string {
  return `08${obu.slice(4)}`;
}

const INTERFRAME = { key: false, size: undefined };

describe('VP8 (RFC 7741)', () => {
  // libvpx, 322x182.
  const keyframe = '3059009d012a4201b6000007';

  it.each([
    ['a bare descriptor', '10'],
    ['a 7-bit picture id', '90 80 05'],
    ['a 15-bit picture id', '90 80 8005'],
    ['every extension', '90 f0 8005 01 40'],
    ['TL0PICIDX and KEYIDX only', '90 50 01 40'],
  ])('finds a keyframe behind %s', (_, descriptor) => {
    expect(inspect('VP8', bytes(descriptor, keyframe))).toEqual({ key: true, size: { width: 322, height: 182 } });
  });

  it.each([
    ['an interframe', '10 31'],
    ['a later packet of the frame', `00 ${keyframe}`],
    ['another partition', `11 ${keyframe}`],
    ['a descriptor past the end', '90 f0 80'],
    ['an extension past the end', '90'],
  ])('does not take %s for one', (_, payload) => {
    expect(inspect('VP8', bytes(payload))).toEqual(INTERFRAME);
  });

  it('knows a keyframe by its first byte, without its size', () => {
    expect(inspect('VP8', bytes('10', keyframe.slice(0, 18)))).toEqual({ key: true, size: undefined });
    expect(inspect('VP8', bytes('10 305900 000000 4201b600'))).toEqual({ key: true, size: undefined });
  });
});

describe('H264, beside keyframes', () => {
  it.each([
    ['an SPS', '6742c01f', '42c01f'],
    ['an SPS in an aggregation packet', `78${aggregated('09f0', '67640032ff', '68ce')}`, '640032'],
    ['no SPS', '65b8', undefined],
    ['an SPS cut short', '6742c0', undefined],
  ])('reads the profile of %s', (_, payload, profile) => {
    const packet = bytes('65656565', payload, '656565');
    expect(h264ProfileLevelId(packet, 4, packet.length - 3)).toBe(profile);
  });

  it.each([
    ['B', '01a0', true],
    ['B of all slices', '019c', true],
    ['B behind another number of macroblocks', '0148', true],
    ['B in an aggregation packet', `78${aggregated('09f0', '01a0')}`, true],
    ['B in a first fragment', '5c81a0', true],
    ['B in a later fragment', '5c01a0', false],
    ['P', '41c0', false],
    ['P of all slices', '4198', false],
    ['I', '41b0', false],
    ['IDR', '65a0', false],
    ['nothing', '41', false],
    ['nothing at all', '', false],
  ])('knows a slice of %s', (_, payload, isB) => {
    const packet = bytes(payload, 'a0a0');
    expect(beginsBSlice(packet, 0, packet.length - 2)).toBe(isB);
  });
});

describe('VP9 (RFC 9628)', () => {
  it.each([
    ['without layers', '8a 8001 10 0140 00b4', { width: 320, height: 180 }],
    ['with layer indices', 'aa 8001 00 01 10 0140 00b4', { width: 320, height: 180 }],
    ['in flexible mode', 'ba 8001 00 10 0140 00b4', { width: 320, height: 180 }],
    ['with three spatial layers', 'aa 8001 00 01 50 0140 00b4 0280 0168 0500 02d0', { width: 1280, height: 720 }],
    ['without a size in its structure', '8a 8001 00', undefined],
    ['without a structure', '88 8001', undefined],
    ['with a structure past the end', '8a 8001 50 0140 00b4', undefined],
  ])('finds a key picture %s', (_, payload, size) => {
    expect(inspect('VP9', bytes(payload))).toEqual({ key: true, size });
  });

  it.each([
    ['an inter-predicted picture', 'ca 8001 10 0140 00b4'],
    ['a later packet of the frame', '82 8001 10 0140 00b4'],
    ['a descriptor past the end', '8a'],
    ['layer indices past the end', '28'],
  ])('does not take %s for one', (_, payload) => {
    expect(inspect('VP9', bytes(payload))).toEqual(INTERFRAME);
  });

  it('does not take a higher spatial layer of a key picture for its start', () => {
    expect(inspect('VP9', bytes('a8 8001 02 01')).key).toBe(false);
  });
});

describe('H264 (RFC 6184)', () => {
  // x264: baseline; high, interlaced and cropped; high 4:4:4.
  const hd = '6742c01fd9005005bb0110000003001000000303c0f1832480';
  const interlaced = '67640028acd94078044fde0220000003002000000783e2c5b2c0';
  const fullChroma = '67f4000d919b282a33c7c5e022000003000200000300781e28532c';

  it.each([
    ['baseline', hd, { width: 1280, height: 720 }],
    ['interlaced and cropped', interlaced, { width: 1920, height: 1080 }],
    ['4:4:4 and cropped', fullChroma, { width: 322, height: 182 }],
  ])('reads the size of a %s SPS', (_, sps, size) => {
    expect(inspect('H264', bytes(sps))).toEqual({ key: true, size });
    expect(inspect('H264', bytes('78', aggregated('68cb83cb', sps, '6588')))).toEqual({ key: true, size });
  });

  it.each([
    ['an IDR slice', '65888409'],
    ['an IDR slice among others', `78${aggregated('0605ff', '6588')}`],
    ['the first fragment of an IDR slice', '7c85 8884'],
    ['the first fragment of an SPS', '7c87 42c0'],
    ['an SPS that is cut', '6742c0'],
  ])('finds a keyframe by %s', (_, payload) => {
    expect(inspect('H264', bytes(payload))).toEqual({ key: true, size: undefined });
  });

  it.each([
    ['nothing', ''],
    ['a slice', '419a'],
    ['a PPS', '68cb83cb'],
    ['a later fragment of an IDR slice', '7c05 8884'],
    ['the first fragment of a slice', '7c81 9a'],
    ['a fragment past the end', '7c'],
    ['an aggregate of slices', `78${aggregated('419a', '419b')}`],
    ['an aggregate past its end', '78 0004 6742c0'],
    ['an aggregate of nothing', '78 0000'],
  ])('does not take %s for one', (_, payload) => {
    expect(inspect('H264', bytes(payload))).toEqual(INTERFRAME);
  });
});

describe('H265 (RFC 7798)', () => {
  // x265: main with cropping; two temporal sub-layers; 4:4:4.
  const hd = '420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000f04';
  const subLayers = '42010201600000030090000003000003003f0000a005020169659598acd24995e02d010000030001000003001e08';
  const fullChroma = '4201010408000003009e0800000300003c90014901739ef2cacd24995e02d010000003001000000301e080';

  it.each([
    ['main', hd, { width: 1920, height: 1080 }],
    ['layered', subLayers, { width: 640, height: 360 }],
    ['4:4:4', fullChroma, { width: 322, height: 182 }],
  ])('reads the size of a %s SPS', (_, sps, size) => {
    expect(inspect('H265', bytes(sps))).toEqual({ key: true, size });
    expect(inspect('H265', bytes('6001', aggregated('40010c01', sps, '4401c172')))).toEqual({ key: true, size });
  });

  it.each([
    ['an IDR picture', '2801af08'],
    ['a CRA picture', '2a01af08'],
    ['a VPS', '40010c01'],
    ['the first fragment of an IDR picture', '6201 94 af08'],
    ['an SPS that is cut', '42010101'],
  ])('finds a keyframe by %s', (_, payload) => {
    expect(inspect('H265', bytes(payload))).toEqual({ key: true, size: undefined });
  });

  it.each([
    ['a cut header', '28'],
    ['a trailing picture', '0201d0'],
    ['a PPS', '4401c172'],
    ['a later fragment of an IDR picture', '6201 14 af08'],
    ['a fragment past the end', '6201'],
    ['an aggregate past its end', '6001 0009 2801'],
  ])('does not take %s for one', (_, payload) => {
    expect(inspect('H265', bytes(payload))).toEqual(INTERFRAME);
  });
});

describe('AV1 (RTP Payload Format For AV1)', () => {
  // libaom, SVT-AV1 and rav1e (with timing information), 322x182.
  const sequenceHeaders = ['0a0d200000043d06d4daf92021a004', '0a0b000000043d06d4fbf90040', '0a0d200000fa1e836a210ad0202025'];

  it.each(sequenceHeaders)('reads the size of %s', (obu) => {
    const found = { key: true, size: { width: 322, height: 182 } };
    expect(inspect('AV1', bytes('18', withoutSizeField(obu)))).toEqual(found);
    expect(inspect('AV1', bytes('18', obu))).toEqual(found);
    const length = (obu.length / 2 - 1).toString(16).padStart(2, '0');
    expect(inspect('AV1', bytes('08', length, withoutSizeField(obu), '02 3000'))).toEqual(found);
    expect(inspect('AV1', bytes('28', '02 1000', withoutSizeField(obu)))).toEqual(found);
  });

  it('finds the first packet of a sequence without a header to read', () => {
    expect(inspect('AV1', bytes('18 3000'))).toEqual({ key: true, size: undefined });
    expect(inspect('AV1', bytes('08 ff'))).toEqual({ key: true, size: undefined });
    expect(inspect('AV1', bytes('18 0820'))).toEqual({ key: true, size: undefined });
  });

  it('does not take another packet for one', () => {
    expect(inspect('AV1', bytes('10 3000'))).toEqual(INTERFRAME);
    expect(inspect('AV1', bytes('90 0820'))).toEqual(INTERFRAME);
    expect(inspect('AV1', bytes(''))).toEqual(INTERFRAME);
  });
});

describe('isKeyframe', () => {
  it('takes codec names in any case and none for what has no keyframes', () => {
    expect(inspect('vp8', bytes('10 30')).key).toBe(true);
    expect(inspect('opus', bytes('10 30'))).toEqual(INTERFRAME);
  });

  it('does not read past the packet', () => {
    expect(isKeyframe('H264', bytes('65'), 0, 2)).toBe(false);
    expect(keyframeSize('H264', bytes('67'), 0, 2)).toBeUndefined();
  });

  it('never throws, whatever comes', () => {
    const firstBytes = fc.constantFrom('', '67', '78', '7c87', '42 01', '60 01', '62 01 a1', '90 ff', 'aa', 'ba', '18 08', '08', '10 30 5900 9d012a');
    const parts = fc.tuple(firstBytes, fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(fc.constantFrom('VP8', 'VP9', 'H264', 'H265', 'AV1'), parts, (codecName, [start, rest]) => {
        const { size } = inspect(codecName, Buffer.concat([bytes(start), rest]));
        if (!size) return;
        expect(size.width).toBeGreaterThanOrEqual(0);
        expect(size.height).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 3000 },
    );
  });
});
