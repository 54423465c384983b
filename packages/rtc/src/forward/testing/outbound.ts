import { type Clock, type Logger, silentLogger } from '@sluice/core';
import { OutboundQueue } from '../../outbound/outbound-queue.ts';
import { Outbounds } from '../../outbound/outbounds.ts';
import { PacketArena } from '../../outbound/packet-arena.ts';
import { MAX_PACKET_BYTES } from '../../outbound/packet-batch.ts';
import type { RtpOutlet } from '../../outbound/rtp-outlet.ts';
import { PacketWiseSealer } from '../../srtp/batch/packet-wise-sealer.ts';
import { FanOut, type FanOutOptions } from '../fan-out.ts';

const STAGING_BYTES = 16_384;

/** Of all tests of a file: an arena costs address space, and nobody writes where another reads. */
const arena = new PacketArena({ bytes: 256 * 1024 * 1024 });

/** A fan-out whose viewers send by themselves. */
export function createTestFanOut(clock: Clock, flushIntervalMs = 0, logger: Logger = silentLogger, options: Partial<FanOutOptions> = {}): FanOut {
  const sender = { busy: false, destinationOf: () => ({ id: 0, close: () => undefined }), send: () => 0 };
  const local = new OutboundQueue({ arena, sealer: new PacketWiseSealer(), sender, capacity: 1 });
  return new FanOut({ clock, logger, flushIntervalMs, outbounds: new Outbounds({ arena, local, workers: undefined, logger }), stagingBytes: STAGING_BYTES, ...options });
}

/** Gives each packet away as it would be before it is sealed. */
export class TestOutlet implements RtpOutlet {
  readonly bytes = arena.bytes;
  readonly #slot = arena.allocate(MAX_PACKET_BYTES);
  readonly #onPacket: (packet: Buffer) => void;

  constructor(onPacket: (packet: Buffer) => void) {
    this.#onPacket = onPacket;
  }

  reserve(): number {
    return this.#slot;
  }

  send(headerBytes: number, payloadOffset: number, payloadBytes: number): void {
    const header = this.bytes.subarray(this.#slot, this.#slot + headerBytes);
    this.#onPacket(Buffer.concat([header, this.bytes.subarray(payloadOffset, payloadOffset + payloadBytes)]));
  }
}
