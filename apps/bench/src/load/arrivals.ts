const RTP_HEADER_BYTES = 12;
const CLOCK_TICKS_PER_MS = 90;
/** How far back a packet may be missing. */
const MAX_MISSING = 512;

/** What {@link Arrivals} takes. */
export interface ArrivalsOptions {
  readonly payloadType: number;
  readonly rtxPayloadType: number | undefined;
  readonly transportCcId: number | undefined;
  /** Share of the packets that are ignored, as if the network had lost them, 0 to 1. */
  readonly loss: number;
}

/** Reads the headers of what comes, which SRTP leaves in the clear (RFC 3711 section 3.1). */
export class Arrivals {
  /** Media packets that came, those that were then ignored among them, retransmissions not. */
  received = 0;
  /** Ignored on purpose. */
  ignored = 0;
  /** Retransmissions that came, of either kind. */
  retransmitted = 0;
  ssrc = 0;
  /** With the cycles of the sequence number in the upper bits (RFC 3550 section 6.4.1). */
  highestSequence = 0;
  /** RTP ticks. */
  jitter = 0;
  readonly #options: ArrivalsOptions;
  readonly #every: number;
  #missing: number[] = [];
  #transit = 0;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
    this.#every = options.loss > 0 ? Math.round(1 / options.loss) : Number.POSITIVE_INFINITY;
  }

  /** Sequence numbers to ask for again; each is named until it comes, some times at most. */
  get missing(): readonly number[] {
    return this.#missing;
  }

  /**
   * @param now milliseconds
   * @returns the transport-wide sequence number of a packet that counts as having come
   */
  add(datagram: Buffer, now: number): number | undefined {
    if (datagram.length < RTP_HEADER_BYTES) return undefined;
    const payloadType = datagram.readUInt8(1) & 0x7f;
    const isRtx = payloadType === this.#options.rtxPayloadType;
    if (!isRtx && payloadType !== this.#options.payloadType) return undefined;
    const sequence = datagram.readUInt16BE(2);
    if (isRtx) this.#addRetransmission(undefined);
    else if (this.#isOld(sequence)) this.#addRetransmission(sequence);
    else if (!this.#addMedia(datagram, sequence, now)) return undefined;
    return this.#transportSequence(datagram);
  }

  /** Forgets what was asked for long enough. */
  giveUp(count: number): void {
    this.#missing.splice(0, count);
  }

  #isOld(sequence: number): boolean {
    return this.received > 0 && ((sequence - this.highestSequence - 1) & 0xffff) >= 0x8000;
  }

  #addRetransmission(sequence: number | undefined): void {
    this.retransmitted++;
    // The original's number is encrypted in an RTX packet; they are answered in the order of the request.
    if (sequence === undefined) this.#missing.shift();
    else this.#missing = this.#missing.filter((missing) => missing !== sequence);
  }

  /** @returns false for a packet that is ignored on purpose */
  #addMedia(datagram: Buffer, sequence: number, now: number): boolean {
    this.received++;
    if (this.received === 1) this.#start(datagram, sequence);
    if (this.received % this.#every === 0) {
      this.ignored++;
      return false;
    }
    const gap = (sequence - this.highestSequence) & 0xffff;
    for (let lost = 1; lost < gap && this.#missing.length < MAX_MISSING; lost++) this.#missing.push((this.highestSequence + lost) & 0xffff);
    this.highestSequence += gap;
    this.#updateJitter(datagram.readUInt32BE(4), now);
    return true;
  }

  #start(datagram: Buffer, sequence: number): void {
    this.ssrc = datagram.readUInt32BE(8);
    this.highestSequence = sequence;
  }

  /** RFC 3550 section 6.4.1. */
  #updateJitter(timestamp: number, now: number): void {
    const transit = (Math.round(now * CLOCK_TICKS_PER_MS) - timestamp) | 0;
    if (this.received > 1) this.jitter += (Math.abs((transit - this.#transit) | 0) - this.jitter) / 16;
    this.#transit = transit;
  }

  /** Of a one-byte header extension (RFC 8285 section 4.2). */
  #transportSequence(datagram: Buffer): number | undefined {
    const id = this.#options.transportCcId;
    const first = datagram.readUInt8(0);
    if (id === undefined || (first & 0x10) === 0) return undefined;
    let offset = RTP_HEADER_BYTES + 4 * (first & 0x0f);
    if (offset + 4 > datagram.length || datagram.readUInt16BE(offset) !== 0xbede) return undefined;
    const end = Math.min(datagram.length - 2, offset + 4 + 4 * datagram.readUInt16BE(offset + 2));
    for (offset += 4; offset < end; ) {
      const byte = datagram.readUInt8(offset);
      if (byte >> 4 === id) return datagram.readUInt16BE(offset + 1);
      offset += byte === 0 ? 1 : 2 + (byte & 0x0f);
    }
    return undefined;
  }
}
