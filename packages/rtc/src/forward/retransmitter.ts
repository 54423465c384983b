import { randomInt } from 'node:crypto';
import type { Clock } from '@sluice/core';
import { RateBudget } from '../rate-budget.ts';
import { redPrimaryOffset } from '../rtp/red.ts';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { unwrapsRed } from '../sdp/red.ts';
import type { OutboundHeader, PacketWriter, Written } from './packet-writer.ts';
import type { PictureRenumbering } from './picture-renumbering.ts';
import type { SendStamps } from './send-stamps.ts';
import type { SentCounts } from './sent-counts.ts';
import type { SentSegment } from './sent-segment.ts';
import type { StreamRewriter } from './stream-rewriter.ts';

/** Probes are made of the last packets, so that the viewer still knows that it has them. */
const PROBE_PACKETS = 16;
/** What one step of a probe may take, whatever its rate. */
const MAX_PROBE_STEP_PACKETS = 64;

/** What a {@link Retransmitter} is made from; it shares all of it with the track. */
export interface RetransmitterOptions {
  readonly ssrc: number;
  /** Undefined when no RTX was negotiated. */
  readonly rtxSsrc: number | undefined;
  readonly clock: Clock;
  readonly writer: PacketWriter;
  readonly rewriter: StreamRewriter;
  readonly stamps: SendStamps;
  readonly pictures: PictureRenumbering;
  readonly counts: SentCounts;
  /** Counts what is not sent. */
  readonly dropped: Record<Exclude<SentAgain, 'sent'> | 'overBudget', number>;
  /** Bound of what NACKs are answered, packets per second. */
  readonly maxPerSecond: number;
}

/** What became of a packet that was to be sent again. */
export type SentAgain = Written | 'notInHistory' | 'needsRtx';

/** Sends a viewer once more what it was sent, out of the rings of the layers that it came from. */
export class Retransmitter {
  readonly #options: RetransmitterOptions;
  readonly #header: OutboundHeader = { marker: false, payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc: 0 };
  readonly #packet = new RtpPacket();
  readonly #budget: RateBudget;
  #rtxSequenceNumber = randomInt(0x4000);
  /** How many packets before the last one the next probe packet lies. */
  #probeDistance = 0;

  constructor(options: RetransmitterOptions) {
    this.#options = options;
    this.#budget = new RateBudget(options.maxPerSecond, options.clock.monotonic());
  }

  /** Answers a NACK (RFC 4585 section 6.2.1) from the source's history. */
  answer(sequenceNumbers: readonly number[]): void {
    const { clock, stamps, counts, dropped } = this.#options;
    const now = clock.monotonic();
    counts.nacks++;
    for (const sequenceNumber of sequenceNumbers) {
      const result = this.#budget.take(now) && stamps.mayRetransmit(now) ? this.#send(sequenceNumber) : 'overBudget';
      if (result === 'sent') counts.retransmissions++;
      else dropped[result]++;
    }
  }

  /** Sends the last packets once more as retransmissions (RFC 4588), about so many bytes of them; a viewer drops what it has. */
  probe(lastSequenceNumber: number, bytes: number): void {
    let left = bytes;
    for (let packets = 0; packets < MAX_PROBE_STEP_PACKETS && left > 0; packets++) {
      const sequenceNumber = (lastSequenceNumber - this.#probeDistance) & 0xffff;
      this.#probeDistance = (this.#probeDistance + 1) % PROBE_PACKETS;
      if (this.#send(sequenceNumber) === 'sent') left -= this.#packet.buffer.length;
    }
  }

  /** @param sequenceNumber of the viewer */
  #send(sequenceNumber: number): SentAgain {
    const packet = this.#packet;
    const segment = this.#find(sequenceNumber, packet);
    if (!segment) return 'notInHistory';
    const header = this.#header;
    header.marker = packet.marker;
    header.timestamp = segment.packetTimestamp(packet.sequenceNumber, packet.timestamp);
    this.#options.writer.mapExtensions(segment.layer.extensions);
    return this.#sendAgain(segment, sequenceNumber, packet);
  }

  /** Points `packet` at what was sent under this number, by whichever layer. @returns how it was sent */
  #find(sequenceNumber: number, packet: RtpPacket): SentSegment | undefined {
    const { rewriter, clock } = this.#options;
    const sequence = rewriter.unwrap(sequenceNumber);
    const segment = rewriter.segmentOf(sequence);
    const source = segment?.sourceSequence(sequence);
    if (!segment || source === undefined) return undefined;
    // A ring never holds packets of another codec than its layer's last.
    const { history, keyframeCache, codec } = segment.layer;
    const stored = history?.find(source, clock.monotonic()) ?? keyframeCache?.find(source);
    if (!stored || !packet.parse(stored)) return undefined;
    if (codec && unwrapsRed(codec, segment.codec.codec)) packet.payloadOffset = redPrimaryOffset(packet.buffer, packet.payloadOffset, packet.payloadEnd);
    return packet.payloadOffset < 0 ? undefined : segment;
  }

  /** Without RTX the very same packet goes out again; other bytes under its index would break SRTP. */
  #sendAgain(segment: SentSegment, sequenceNumber: number, packet: RtpPacket): SentAgain {
    const { ssrc, rtxSsrc, stamps, writer, pictures, clock } = this.#options;
    const { payloadType, rtxPayloadType } = segment.codec;
    const header = this.#header;
    const now = clock.monotonic();
    const patch = pictures.patchOf(packet, segment);
    if (rtxPayloadType === undefined || rtxSsrc === undefined) {
      if (stamps.isWritten || !pictures.remembers(packet, segment)) return 'needsRtx';
      header.payloadType = payloadType;
      header.sequenceNumber = sequenceNumber;
      header.ssrc = ssrc;
      return writer.send(header, packet, now, undefined, patch);
    }
    header.payloadType = rtxPayloadType;
    header.sequenceNumber = this.#rtxSequenceNumber;
    header.ssrc = rtxSsrc;
    const written = writer.sendRetransmission(header, sequenceNumber, packet, now, patch);
    // Numbers that were not sent would make a gap, in which the rollover counter could be lost.
    if (written === 'sent') this.#rtxSequenceNumber = (this.#rtxSequenceNumber + 1) & 0xffff;
    return written;
  }
}
