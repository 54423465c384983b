import { HEADER_EXTENSIONS } from '@sluice/core';
import { beforeEach, expect, it } from 'vitest';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import type { NumberedExtension } from './source-layer.ts';
import { PacketWriter } from './packet-writer.ts';
import { TestOutlet } from './testing/outbound.ts';
import { rtp } from './testing/sections.ts';

const HEADER = { marker: true, payloadType: 120, sequenceNumber: 7, timestamp: 9000, ssrc: 2222 };

let sent: Buffer[];

beforeEach(() => {
  sent = [];
});

function createWriter(mid: string, extensions: readonly NumberedExtension[] = []): PacketWriter {
  return new PacketWriter(new TestOutlet((packet) => sent.push(packet)), mid, extensions);
}

function parsed(bytes: Buffer | undefined): RtpPacket {
  const packet = new RtpPacket();
  expect(packet.parse(bytes!)).toBe(true);
  return packet;
}

it('replaces the numbers and keeps the payload', () => {
  const writer = createWriter('0');
  expect(writer.send(HEADER, parsed(rtp({ sequenceNumber: 1, payload: Buffer.from('payload') })), 0)).toBe('sent');
  const packet = parsed(sent[0]);
  expect(packet).toMatchObject(HEADER);
  expect(packet.buffer.subarray(packet.payloadOffset, packet.payloadEnd).toString()).toBe('payload');
});

it('maps end-to-end extensions by URI and writes the hop-by-hop ones anew', () => {
  const writer = createWriter('viewer', [
    { id: 9, uri: HEADER_EXTENSIONS.mid },
    { id: 3, uri: HEADER_EXTENSIONS.videoOrientation },
    { id: 5, uri: HEADER_EXTENSIONS.transportWideCc },
  ]);
  writer.mapExtensions([
    { id: 1, uri: HEADER_EXTENSIONS.mid },
    { id: 2, uri: HEADER_EXTENSIONS.videoOrientation },
    { id: 4, uri: HEADER_EXTENSIONS.transportWideCc },
    { id: 6, uri: HEADER_EXTENSIONS.absCaptureTime },
  ]);
  const source = parsed(rtp({ sequenceNumber: 1, extensions: { 1: 'publisher', 2: '\u0003', 4: '\u0001\u0002', 6: 'notakenhere' } }));
  writer.send(HEADER, source, 0);
  const packet = parsed(sent[0]);
  const written: Record<number, string> = {};
  packet.rewindExtensions();
  while (packet.nextExtension()) {
    written[packet.extensionId] = packet.buffer.toString('latin1', packet.extensionOffset, packet.extensionOffset + packet.extensionLength);
  }
  expect(written).toEqual({ 9: 'viewer', 3: '\u0003' });
});

it('writes the original sequence number before the payload of a retransmission (RFC 4588 section 4)', () => {
  const writer = createWriter('0');
  writer.sendRetransmission(HEADER, 0xabcd, parsed(rtp({ sequenceNumber: 1, payload: Buffer.from('xyz') })), 0);
  const packet = parsed(sent[0]);
  expect(packet.buffer.subarray(packet.payloadOffset, packet.payloadEnd)).toEqual(Buffer.from([0xab, 0xcd, 0x78, 0x79, 0x7a]));
});

it('refuses a packet that would not fit', () => {
  const writer = createWriter('0');
  const large = Buffer.concat([rtp({ sequenceNumber: 1 }), Buffer.alloc(2048)]);
  expect(writer.send(HEADER, parsed(large), 0)).toBe('tooLarge');
  expect(writer.sendRetransmission(HEADER, 1, parsed(large), 0)).toBe('tooLarge');
  expect(sent).toEqual([]);
});
