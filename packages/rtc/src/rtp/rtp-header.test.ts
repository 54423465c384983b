import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpPacket as OraclePacket } from 'werift';
import { HeaderExtensionList, writeRtpHeader } from './rtp-header.ts';
import { RtpPacket } from './rtp-packet.ts';

const FIELDS = { marker: true, payloadType: 96, sequenceNumber: 0x1234, timestamp: 100, ssrc: 0xcafebabe };

function written(extensions?: HeaderExtensionList): string {
  const target = Buffer.alloc(200, 0xff);
  return target.toString('hex', 0, writeRtpHeader(target, FIELDS, extensions));
}

describe('writeRtpHeader', () => {
  it('writes a header without extensions', () => {
    expect(written()).toBe('80e0123400000064cafebabe');
    expect(written(new HeaderExtensionList())).toBe('80e0123400000064cafebabe');
  });

  it('wraps numbers that have grown over their fields', () => {
    const target = Buffer.alloc(12);
    writeRtpHeader(target, { ...FIELDS, sequenceNumber: 0x1_0002, timestamp: 2 ** 32 + 3 });
    expect(target.readUInt16BE(2)).toBe(2);
    expect(target.readUInt32BE(4)).toBe(3);
  });

  it('writes the one-byte form with zeroed padding', () => {
    const extensions = new HeaderExtensionList();
    extensions.add(1, Buffer.from('0'));
    extensions.add(14, Buffer.from([9, 1, 2, 9]), 1, 2);
    expect(extensions.byteLength).toBe(12);
    expect(written(extensions)).toBe('90e0123400000064cafebabebede00021030e10102000000');
  });

  it.each([
    ['an id over 14', 15, 1],
    ['a value over 16 bytes', 1, 17],
    ['an empty value', 1, 0],
  ])('takes the two-byte form for %s', (_, id, length) => {
    const extensions = new HeaderExtensionList();
    extensions.add(id, Buffer.alloc(length, 7));
    const packet = new RtpPacket();
    expect(packet.parse(Buffer.from(written(extensions), 'hex'))).toBe(true);
    expect(packet.buffer.readUInt16BE(12)).toBe(0x1000);
    expect(packet.extension(id)).toEqual(Buffer.alloc(length, 7));
  });

  it('leaves out what cannot be written', () => {
    const extensions = new HeaderExtensionList();
    expect(extensions.add(0, Buffer.alloc(1))).toBe(false);
    expect(extensions.add(256, Buffer.alloc(1))).toBe(false);
    expect(extensions.add(1, Buffer.alloc(256))).toBe(false);
    expect(extensions.add(1, Buffer.alloc(2), 1, 2)).toBe(false);
    expect(extensions.byteLength).toBe(0);
    for (let id = 1; id <= 32; id++) expect(extensions.add(id, Buffer.alloc(1))).toBe(true);
    expect(extensions.add(33, Buffer.alloc(1))).toBe(false);
    expect(extensions.count).toBe(32);
  });

  it('starts over when cleared, with the one-byte form too', () => {
    const extensions = new HeaderExtensionList();
    extensions.add(200, Buffer.alloc(40));
    extensions.clear();
    extensions.add(1, Buffer.from('0'));
    expect(written(extensions)).toBe('90e0123400000064cafebabebede000110300000');
  });

  it('throws when the target is too short', () => {
    const extensions = new HeaderExtensionList();
    extensions.add(1, Buffer.alloc(4));
    expect(() => writeRtpHeader(Buffer.alloc(11), FIELDS)).toThrow(RangeError);
    expect(() => writeRtpHeader(Buffer.alloc(20), FIELDS, extensions)).toThrow(RangeError);
  });

  it('writes what we and another implementation read back', () => {
    const element = fc.record({ id: fc.integer({ min: 1, max: 20 }), value: fc.uint8Array({ minLength: 1, maxLength: 20 }) });
    const extensions = new HeaderExtensionList();
    const target = Buffer.alloc(1000);
    fc.assert(
      fc.property(fc.uniqueArray(element, { selector: ({ id }) => id, maxLength: 8 }), fc.nat(0xffff), (elements, sequenceNumber) => {
        extensions.clear();
        for (const { id, value } of elements) extensions.add(id, Buffer.from(value));
        const length = writeRtpHeader(target, { ...FIELDS, sequenceNumber }, extensions);
        const wire = target.subarray(0, length + 1);

        const ours = new RtpPacket();
        expect(ours.parse(wire)).toBe(true);
        expect(ours).toMatchObject({ ...FIELDS, sequenceNumber, headerLength: length });
        for (const { id, value } of elements) expect(ours.extension(id)).toEqual(Buffer.from(value));

        const theirs = OraclePacket.deSerialize(wire).header;
        expect(theirs.sequenceNumber).toBe(sequenceNumber);
        expect(theirs.extensions).toEqual(elements.map(({ id, value }) => ({ id, payload: Buffer.from(value) })));
      }),
    );
  });
});
