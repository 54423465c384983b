import { sequenceDistance } from './sequence.ts';

/** What a packet is to the sequence: a duplicate must not be forwarded, the other two may. */
export type PacketNovelty = 'new' | 'recovered' | 'duplicate';

export interface NackGeneratorOptions {
  /** How often to ask for one packet. Default 10. */
  readonly maxTries?: number | undefined;
  /** How long to ask for one packet, unless three round trips are longer. Default 1000 ms. */
  readonly maxAgeMs?: number | undefined;
  /** Least time between two requests for one packet. Default 20 ms. */
  readonly minSpacingMs?: number | undefined;
  /** By what each further wait for the same packet grows. Default 1.25. */
  readonly backoff?: number | undefined;
  /** A gap over this is not repaired: a keyframe is cheaper. Also how many packets may be missing at once. Default 1000. */
  readonly maxGap?: number | undefined;
  /** Sequence numbers of one request, so that it fits a datagram. Default 250. */
  readonly maxPerRequest?: number | undefined;
  /** Hears how long a retransmission took that was asked for once, milliseconds. */
  readonly onAnswer?: ((elapsedMs: number, nowMs: number) => void) | undefined;
}

interface MissingPacket {
  readonly since: number;
  tries: number;
  requestedAt: number;
  nextRequestAt: number;
}

/** Packets that are remembered to tell a duplicate from a late one; a power of two above any `maxGap`. */
const MEMORY = 2048;
/** However long the round trip is, so many of them are waited for. */
const MIN_PATIENCE_ROUND_TRIPS = 3;
const NOTHING: readonly number[] = [];

/**
 * Finds the gaps in one primary SSRC and says which packets to ask for now (RFC 4585 section 6.2.1).
 * Feed it the original sequence numbers, retransmissions too. Times are milliseconds of a monotonic clock.
 */
export class NackGenerator {
  readonly #options: Required<{ readonly [Key in Exclude<keyof NackGeneratorOptions, 'onAnswer'>]: number }>;
  readonly #onAnswer: NackGeneratorOptions['onAnswer'];
  /** By unwrapped sequence number, in rising order. */
  readonly #missing = new Map<number, MissingPacket>();
  /** The low 32 bits of the unwrapped sequence number that was received last in each slot. */
  readonly #received = new Int32Array(MEMORY).fill(-1);
  #highest: number | undefined;
  /** The sequence number that, coming next, proves that the sender has jumped back. */
  #restartSequence = -1;
  #needsKeyframe = false;
  #requested = 0;
  #recovered = 0;
  #givenUp = 0;

  /** @throws RangeError when `maxGap` is not 1 to 2047 */
  constructor(options: NackGeneratorOptions = {}) {
    this.#options = {
      maxTries: options.maxTries ?? 10,
      maxAgeMs: options.maxAgeMs ?? 1000,
      minSpacingMs: options.minSpacingMs ?? 20,
      backoff: options.backoff ?? 1.25,
      maxGap: options.maxGap ?? 1000,
      maxPerRequest: options.maxPerRequest ?? 250,
    };
    this.#onAnswer = options.onAnswer;
    const { maxGap } = this.#options;
    if (maxGap < 1 || maxGap >= MEMORY) throw new RangeError(`maxGap is 1 to ${MEMORY - 1}, not ${maxGap}.`);
  }

  /** Packets that are missing now. */
  get missing(): number {
    return this.#missing.size;
  }

  /** Sequence numbers asked for, repetitions counted. */
  get requested(): number {
    return this.#requested;
  }

  /** Packets that came after they were asked for. */
  get recovered(): number {
    return this.#recovered;
  }

  /** Packets that never came. */
  get givenUp(): number {
    return this.#givenUp;
  }

  /** Whether packets were given up since the last call, so that only a keyframe helps. */
  takeKeyframeNeed(): boolean {
    const needed = this.#needsKeyframe;
    this.#needsKeyframe = false;
    return needed;
  }

  /** A packet of the primary stream. */
  onPacket(sequenceNumber: number, nowMs: number): PacketNovelty {
    if (this.#highest === undefined) return this.#startAt(sequenceNumber);
    const distance = sequenceDistance(this.#highest, sequenceNumber);
    if (distance > this.#options.maxGap) return this.#jumpAhead(this.#highest + distance);
    if (distance > -MEMORY) return this.#place(this.#highest + distance, nowMs);

    // Far behind: a stray packet, or a sender that has started anew (as in RFC 3550 appendix A.1).
    if (sequenceNumber === this.#restartSequence) return this.#jumpBack(sequenceNumber);
    this.#restartSequence = (sequenceNumber + 1) & 0xffff;
    return 'duplicate';
  }

  /** A packet that came by retransmission, or as probing padding with a payload that was sent before. */
  onRetransmission(sequenceNumber: number, nowMs: number): PacketNovelty {
    if (this.#highest === undefined) return 'duplicate';
    const distance = sequenceDistance(this.#highest, sequenceNumber);
    if (distance > this.#options.maxGap || distance <= -MEMORY) return 'duplicate';
    this.#noteAnswer(this.#missing.get(this.#highest + distance), nowMs);
    return this.#place(this.#highest + distance, nowMs);
  }

  /** Everything before this packet, which begins a keyframe, is not needed any more. */
  onKeyframe(sequenceNumber: number): void {
    if (this.#highest === undefined) return;
    const keyframe = this.#highest + sequenceDistance(this.#highest, sequenceNumber);
    for (const sequence of this.#missing.keys()) {
      if (sequence >= keyframe) return;
      this.#missing.delete(sequence);
      this.#givenUp++;
    }
  }

  /**
   * The sequence numbers to ask for now, oldest first: each at once when it is found missing,
   * then again after a growing multiple of the round trip, until it is given up.
   * @param roundTripMs after which an answer is late
   */
  due(nowMs: number, roundTripMs: number): readonly number[] {
    if (this.#missing.size === 0) return NOTHING;
    const { maxTries, maxAgeMs, minSpacingMs, backoff, maxPerRequest } = this.#options;
    const spacingMs = Math.max(roundTripMs, minSpacingMs);
    const patienceMs = Math.max(maxAgeMs, MIN_PATIENCE_ROUND_TRIPS * roundTripMs);
    const due: number[] = [];
    for (const [sequence, packet] of this.#missing) {
      if (nowMs < packet.nextRequestAt) continue;
      if (packet.tries >= maxTries || nowMs - packet.since > patienceMs) {
        this.#giveUp(sequence);
        continue;
      }
      if (due.length === maxPerRequest) break;
      packet.requestedAt = nowMs;
      packet.nextRequestAt = nowMs + spacingMs * backoff ** packet.tries;
      packet.tries++;
      due.push(sequence & 0xffff);
    }
    this.#requested += due.length;
    return due;
  }

  /** Of an answer after a second request nobody can tell which one it answers (RFC 6298 section 3). */
  #noteAnswer(missing: MissingPacket | undefined, nowMs: number): void {
    if (missing?.tries === 1) this.#onAnswer?.(nowMs - missing.requestedAt, nowMs);
  }

  #place(sequence: number, nowMs: number): PacketNovelty {
    const highest = this.#highest ?? sequence;
    const slot = slotOf(sequence);
    if (this.#received[slot] === (sequence | 0)) return 'duplicate';
    this.#received[slot] = sequence;
    if (sequence > highest) {
      this.#highest = sequence;
      this.#noteGap(highest + 1, sequence, nowMs);
      return 'new';
    }
    const missing = this.#missing.get(sequence);
    if (!missing) return 'new';
    this.#missing.delete(sequence);
    if (missing.tries === 0) return 'new';
    this.#recovered++;
    return 'recovered';
  }

  #noteGap(from: number, to: number, nowMs: number): void {
    for (let sequence = from; sequence < to; sequence++) {
      this.#missing.set(sequence, { since: nowMs, tries: 0, requestedAt: nowMs, nextRequestAt: nowMs });
    }
    for (const oldest of this.#missing.keys()) {
      if (to - oldest <= this.#options.maxGap) return;
      this.#giveUp(oldest);
    }
  }

  #giveUp(sequence: number): void {
    this.#missing.delete(sequence);
    this.#givenUp++;
    this.#needsKeyframe = true;
  }

  /** What was received before stays known: retransmissions of it may still come, and are duplicates. */
  #jumpAhead(sequence: number): PacketNovelty {
    this.#giveUpAll();
    this.#restartSequence = -1;
    this.#highest = sequence;
    this.#received[slotOf(sequence)] = sequence;
    return 'new';
  }

  #jumpBack(sequenceNumber: number): PacketNovelty {
    this.#giveUpAll();
    return this.#startAt(sequenceNumber);
  }

  #giveUpAll(): void {
    this.#givenUp += this.#missing.size;
    this.#missing.clear();
    this.#needsKeyframe = true;
  }

  #startAt(sequenceNumber: number): PacketNovelty {
    this.#missing.clear();
    this.#restartSequence = -1;
    this.#received.fill(-1);
    // Room below, so that packets from before the first one are numbers of their own.
    this.#highest = 0x1_0000 + sequenceNumber;
    this.#received[slotOf(this.#highest)] = this.#highest;
    return 'new';
  }
}

function slotOf(sequence: number): number {
  return sequence & (MEMORY - 1);
}
