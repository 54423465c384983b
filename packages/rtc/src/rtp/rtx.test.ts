import { describe, expect, it } from 'vitest';
import { RtpHeader as OracleHeader, RtpPacket as OraclePacket, unwrapRtx as oracleUnwrap, wrapRtx as oracleWrap } from 'werift';
import { writeRtpHeader } from './rtp-header.ts';
import { RtpPacket } from './rtp-packet.ts';
import { unwrapRtx, writeRtxPayload } from './rtx.ts';

const PAYLOAD = Buffer.from('a vp8 frame');
const HEADER = { marker: true, payloadType: 97, sequenceNumber: 900, timestamp: 5000, ssrc: 2222 };

function rtxPacket(payload: Buffer): RtpPacket {
  const wire = Buffer.alloc(12 + payload.length);
  payload.copy(wire, writeRtpHeader(wire, HEADER));
  const packet = new RtpPacket();
  expect(packet.parse(wire)).toBe(true);
  return packet;
}

describe('RTX', () => {
  it('unwraps what another implementation wraps', () => {
    const original = new OraclePacket(new OracleHeader({ ...HEADER, payloadType: 96, sequenceNumber: 65535, ssrc: 1111 }), PAYLOAD);
    const packet = new RtpPacket();
    packet.parse(oracleWrap(original, 97, 900, 2222).serialize());
    expect(unwrapRtx(packet, 1111, 96)).toBe(true);
    expect(packet).toMatchObject({ sequenceNumber: 65535, ssrc: 1111, payloadType: 96, timestamp: 5000, marker: true, headerLength: 12 });
    expect(packet.buffer.subarray(packet.payloadOffset, packet.payloadEnd)).toEqual(PAYLOAD);
  });

  it('writes what another implementation unwraps', () => {
    const wire = Buffer.alloc(100);
    const source = Buffer.concat([Buffer.alloc(5), PAYLOAD, Buffer.alloc(5)]);
    const end = writeRtxPayload(wire, writeRtpHeader(wire, HEADER), 0x1_ffff, source, 5, 5 + PAYLOAD.length);
    const original = oracleUnwrap(OraclePacket.deSerialize(wire.subarray(0, end)), 96, 1111);
    expect(original.header).toMatchObject({ sequenceNumber: 65535, ssrc: 1111, payloadType: 96, timestamp: 5000 });
    expect(original.payload).toEqual(PAYLOAD);
  });

  it.each([0, 1])('takes %i bytes of payload for a probe and leaves the view as it is', (length) => {
    const packet = rtxPacket(Buffer.alloc(length));
    expect(unwrapRtx(packet, 1111, 96)).toBe(false);
    expect(packet).toMatchObject({ ssrc: 2222, payloadType: 97, sequenceNumber: 900, payloadOffset: 12 });
  });

  it('takes an original without payload', () => {
    const packet = rtxPacket(Buffer.from([0, 7]));
    expect(unwrapRtx(packet, 1111, 96)).toBe(true);
    expect(packet).toMatchObject({ sequenceNumber: 7, payloadLength: 0 });
  });

  it('does not cut a payload that is too long for its target', () => {
    expect(() => writeRtxPayload(Buffer.alloc(12), 2, 7, PAYLOAD, 0, PAYLOAD.length)).toThrow(RangeError);
  });
});
