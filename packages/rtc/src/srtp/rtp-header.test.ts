import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rtpHeaderBytes } from './rtp-header.ts';

function rtp(first: number, bytes: number, extensionWords = 0): Buffer {
  const packet = Buffer.alloc(bytes);
  packet[0] = first;
  const extensionOffset = 12 + 4 * (first & 0x0f);
  if (first & 0x10) packet.writeUInt16BE(extensionWords, extensionOffset + 2);
  return packet;
}

describe('rtpHeaderBytes', () => {
  it.each([
    ['no extension', rtp(0x80, 12), 12],
    ['two CSRCs', rtp(0x82, 40), 20],
    ['an extension', rtp(0x90, 40, 3), 28],
    ['CSRCs and an extension that fill the packet', rtp(0x91, 24, 1), 24],
    ['an extension of no words', rtp(0x90, 16, 0), 16],
  ])('counts a header with %s', (_what, packet, bytes) => {
    expect(rtpHeaderBytes(packet)).toBe(bytes);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a short fixed header', rtp(0x80, 11)],
    ['missing CSRCs', rtp(0x8f, 71)],
    ['a cut extension header', rtp(0x90, 18).subarray(0, 15)],
    ['a cut extension', rtp(0x90, 19, 1)],
    ['version 1', rtp(0x40, 40)],
    ['version 3', rtp(0xc0, 40)],
  ])('is undefined for %s', (_what, packet) => {
    expect(rtpHeaderBytes(packet)).toBeUndefined();
  });

  it('is never longer than the packet', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(rtpHeaderBytes(Buffer.from(bytes)) ?? 0).toBeLessThanOrEqual(bytes.length);
    }));
  });
});
