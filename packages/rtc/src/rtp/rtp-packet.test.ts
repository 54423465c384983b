import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpHeader as OracleHeader, RtpPacket as OraclePacket } from 'werift';
import { RtpPacket } from './rtp-packet.ts';

const FIXED = '80e0 1234 00000064 cafebabe';

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function parsed(hex: string): RtpPacket {
  const packet = new RtpPacket();
  expect(packet.parse(bytes(hex))).toBe(true);
  return packet;
}

function extensionsOf(packet: RtpPacket): [number, string][] {
  const found: [number, string][] = [];
  packet.rewindExtensions();
  while (packet.nextExtension()) {
    const end = packet.extensionOffset + packet.extensionLength;
    found.push([packet.extensionId, packet.buffer.toString('hex', packet.extensionOffset, end)]);
  }
  return found;
}

describe('RtpPacket', () => {
  it('reads the fixed header', () => {
    expect(parsed(`${FIXED} aabbcc`)).toMatchObject({
      marker: true,
      payloadType: 96,
      sequenceNumber: 0x1234,
      timestamp: 100,
      ssrc: 0xcafebabe,
      headerLength: 12,
      payloadOffset: 12,
      payloadEnd: 15,
      payloadLength: 3,
      paddingLength: 0,
    });
  });

  it('steps over CSRCs', () => {
    expect(parsed('82600001 00000064 00000001 00000002 00000003 aa')).toMatchObject({ headerLength: 20, payloadLength: 1 });
  });

  it('takes padding off', () => {
    expect(parsed(`a0${FIXED.slice(2)} aabb 000003`)).toMatchObject({ payloadOffset: 12, payloadEnd: 14, paddingLength: 3 });
  });

  it('takes a packet that is all padding', () => {
    expect(parsed(`a0${FIXED.slice(2)} 000003`)).toMatchObject({ payloadLength: 0, paddingLength: 3 });
  });

  it.each([
    ['nothing', ''],
    ['less than a fixed header', FIXED.slice(0, -2)],
    ['another version', `40${FIXED.slice(2)}`],
    ['CSRCs past the end', `8f${FIXED.slice(2)} 00000001`],
    ['an extension header past the end', `90${FIXED.slice(2)} bede`],
    ['extensions past the end', `90${FIXED.slice(2)} bede0002 10aa0000`],
    ['padding without payload', `a0${FIXED.slice(2)}`],
    ['padding of no length', `a0${FIXED.slice(2)} aa00`],
    ['padding longer than the payload', `a0${FIXED.slice(2)} aa03`],
  ])('refuses %s', (_, hex) => {
    expect(new RtpPacket().parse(bytes(hex))).toBe(false);
  });

  it('iterates the one-byte form over padding between elements (RFC 8285 section 4.2)', () => {
    const packet = parsed(`90${FIXED.slice(2)} bede0003 10aa 0000 3101 0200 51bb cc00 dd`);
    expect(extensionsOf(packet)).toEqual([
      [1, 'aa'],
      [3, '0102'],
      [5, 'bbcc'],
    ]);
    expect(packet.headerLength).toBe(28);
  });

  it('iterates the two-byte form, empty and long values too (RFC 8285 section 4.3)', () => {
    const long = 'ab'.repeat(17);
    const packet = parsed(`90${FIXED.slice(2)} 1001 0006 0100 00 ff11 ${long} 0000 ee`);
    expect(extensionsOf(packet)).toEqual([
      [1, ''],
      [255, long],
    ]);
  });

  it.each([
    ['ID 15', 'f0aa 2099 0000'],
    ['ID 0 with a length', '01aabb 2099 00'],
    ['an element past the end', '2e99 20aa 0000'],
  ])('ends the one-byte form at %s', (_, elements) => {
    expect(extensionsOf(parsed(`90${FIXED.slice(2)} bede0002 1077 ${elements}`))).toEqual([[1, '77']]);
  });

  it('leaves extensions of another profile alone', () => {
    const packet = parsed(`90${FIXED.slice(2)} abcd0001 10aa0000 ff`);
    expect(extensionsOf(packet)).toEqual([]);
    expect(packet.payloadLength).toBe(1);
  });

  it('forgets the extensions of the packet before', () => {
    const packet = parsed(`90${FIXED.slice(2)} bede0001 10aa0000`);
    packet.parse(bytes(FIXED));
    expect(extensionsOf(packet)).toEqual([]);
    expect(packet.findExtension(1)).toBe(false);
  });

  it('finds an extension by id, again and again', () => {
    const packet = parsed(`90${FIXED.slice(2)} bede0002 10aa 3101 0200 0000`);
    expect(packet.extension(3)).toEqual(Buffer.from([1, 2]));
    expect(packet.extension(1)).toEqual(Buffer.from([0xaa]));
    expect(packet.extension(2)).toBeUndefined();
  });

  it('reads what another implementation writes', () => {
    const fields = fc.record({
      marker: fc.boolean(),
      payloadType: fc.integer({ min: 0, max: 127 }),
      sequenceNumber: fc.integer({ min: 0, max: 0xffff }),
      timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
      ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
    });
    const extensions = fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 1, max: 14 }), value: fc.uint8Array({ minLength: 1, maxLength: 16 }) }),
      { selector: ({ id }) => id, minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(fields, extensions, fc.uint8Array({ maxLength: 30 }), (header, elements, payload) => {
        const wire = new OraclePacket(
          new OracleHeader({ ...header, extension: true, extensions: elements.map(({ id, value }) => ({ id, payload: Buffer.from(value) })) }),
          Buffer.from(payload),
        ).serialize();
        const packet = new RtpPacket();
        expect(packet.parse(wire)).toBe(true);
        expect(packet).toMatchObject(header);
        expect(extensionsOf(packet)).toEqual(elements.map(({ id, value }) => [id, Buffer.from(value).toString('hex')]));
        expect(wire.subarray(packet.payloadOffset, packet.payloadEnd)).toEqual(Buffer.from(payload));
      }),
    );
  });

  it('stays within the bounds of any bytes', () => {
    const packet = new RtpPacket();
    const versionTwo = fc.tuple(fc.integer({ min: 0x80, max: 0xbf }), fc.uint8Array({ maxLength: 80 })).map(([first, rest]) => [first, ...rest]);
    const withExtensions = fc
      .tuple(fc.constantFrom([0xbe, 0xde], [0x10, 0x0f]), fc.integer({ min: 0, max: 10 }), fc.uint8Array({ maxLength: 50 }))
      .map(([profile, words, rest]) => [...bytes(`90${FIXED.slice(2)}`), ...profile, 0, words, ...rest]);
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }).map((data) => [...data]), versionTwo, withExtensions), (data) => {
        if (!packet.parse(Buffer.from(data))) return;
        expect(packet.headerLength).toBeGreaterThanOrEqual(12);
        expect(packet.payloadLength).toBeGreaterThanOrEqual(0);
        expect(packet.payloadEnd + packet.paddingLength).toBe(data.length);
        packet.rewindExtensions();
        for (let last = 12; packet.nextExtension(); last = packet.extensionOffset + packet.extensionLength) {
          expect(packet.extensionOffset).toBeGreaterThan(last);
          expect(packet.extensionOffset + packet.extensionLength).toBeLessThanOrEqual(packet.headerLength);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
