import { type RtcDataChannel, silentLogger } from '@sluice/core';
import { vi } from 'vitest';
import { SctpDataChannels, type SctpDataChannelsOptions } from './index.ts';

/** One side of an association, and what has come of it. */
export interface Side {
  readonly subject: SctpDataChannels;
  readonly sent: Buffer[];
  /** Channels that the other side opened. */
  readonly remote: RtcDataChannel[];
  /** Where packets go. */
  output: (packet: Buffer) => void;
}

/** A side that sends nowhere yet. */
export function side(options: Partial<SctpDataChannelsOptions> & Pick<SctpDataChannelsOptions, 'dtlsRole'>): Side {
  const sent: Buffer[] = [];
  const remote: RtcDataChannel[] = [];
  const made: Side = {
    sent,
    remote,
    output: () => undefined,
    subject: new SctpDataChannels({
      remotePort: 5000,
      remoteMaxMessageSize: 0,
      logger: silentLogger,
      onChannel: (channel) => remote.push(channel),
      ...options,
      sendDtls: (packet) => {
        sent.push(Buffer.from(packet));
        made.output(packet);
      },
    }),
  };
  return made;
}

/** Carries packets to `receive` in a later turn of the event loop. */
export function carrier(receive: (packet: Buffer) => void): (packet: Buffer) => void {
  return (packet) => {
    const copy = Buffer.from(packet);
    setImmediate(() => receive(copy));
  };
}

/** Polls until `check` does not throw. */
export function eventually(check: () => void, timeoutMs = 5000): Promise<void> {
  return vi.waitFor(check, { timeout: timeoutMs, interval: 5 });
}

/** CRC32c as SCTP has it (RFC 9260 appendix A). */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Puts the right checksum into a packet, so that it is taken for what it says. */
export function withChecksum(packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  if (copy.length < 12) return copy;
  copy.writeUInt32LE(0, 8);
  copy.writeUInt32LE(crc32c(copy), 8);
  return copy;
}
