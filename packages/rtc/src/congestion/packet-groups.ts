/** Packets sent within this are one group (draft-ietf-rmcat-gcc-02 section 5.2). */
const GROUP_MS = 5;
/** Groups that arrive closer together than this were held up together, and count as one. */
const BURST_GAP_MS = 5;
const MAX_BURST_MS = 100;
/** A receiver's clock that runs off by more than this was set, not delayed. */
const MAX_CLOCK_JUMP_MS = 3000;
/** Groups in a row that seem to arrive before the one before them. */
const MAX_BACKWARD_GROUPS = 3;

interface Group {
  firstSentAt: number;
  lastSentAt: number;
  firstArrival: number;
  lastArrival: number;
  /** When the report on its last packet came. */
  reportedAt: number;
}

/**
 * Gathers packets into groups by the time they were sent, and says how much further apart two groups arrived than they
 * were sent (draft-ietf-rmcat-gcc-02 section 5.1). Milliseconds all; arrivals are on the receiver's clock.
 */
export class PacketGroups {
  #current = emptyGroup();
  #previous = emptyGroup();
  #hasCurrent = false;
  #hasPrevious = false;
  #backwardGroups = 0;
  #resets = 0;
  #sendDelta = 0;
  #arrivalDelta = 0;
  #arrival = 0;

  /** Between the last two complete groups; set when {@link add} says so. */
  get sendDelta(): number {
    return this.#sendDelta;
  }

  get arrivalDelta(): number {
    return this.#arrivalDelta;
  }

  /** When the later of them arrived. */
  get arrival(): number {
    return this.#arrival;
  }

  /** Times that the receiver's clock jumped, so that what was measured before means nothing any more. */
  get resets(): number {
    return this.#resets;
  }

  /** @returns whether the packet begins a group and the two before it are complete */
  add(sentAt: number, arrival: number, now: number): boolean {
    if (!this.#hasCurrent) {
      this.#begin(sentAt, arrival, now);
      return false;
    }
    if (sentAt < this.#current.firstSentAt) return false;
    if (!this.#beginsGroup(sentAt, arrival)) {
      this.#extend(sentAt, arrival, now);
      return false;
    }
    const usable = this.#hasPrevious && this.#compare();
    this.#advance(sentAt, arrival, now);
    return usable;
  }

  #beginsGroup(sentAt: number, arrival: number): boolean {
    const { firstSentAt, lastSentAt, firstArrival, lastArrival } = this.#current;
    if (sentAt === lastSentAt) return false;
    const arrivalDelta = arrival - lastArrival;
    const queued = arrivalDelta < sentAt - lastSentAt;
    if (queued && arrivalDelta <= BURST_GAP_MS && arrival - firstArrival < MAX_BURST_MS) return false;
    return sentAt - firstSentAt > GROUP_MS;
  }

  #compare(): boolean {
    const current = this.#current;
    const previous = this.#previous;
    const arrivalDelta = current.lastArrival - previous.lastArrival;
    const reportDelta = current.reportedAt - previous.reportedAt;
    if (arrivalDelta - reportDelta > MAX_CLOCK_JUMP_MS || arrivalDelta < -MAX_CLOCK_JUMP_MS) {
      this.#reset();
      return false;
    }
    if (arrivalDelta < 0) {
      if (++this.#backwardGroups >= MAX_BACKWARD_GROUPS) this.#reset();
      return false;
    }
    this.#backwardGroups = 0;
    this.#sendDelta = current.lastSentAt - previous.lastSentAt;
    this.#arrivalDelta = arrivalDelta;
    this.#arrival = current.lastArrival;
    return true;
  }

  #begin(sentAt: number, arrival: number, now: number): void {
    const group = this.#current;
    this.#hasCurrent = true;
    group.firstSentAt = sentAt;
    group.lastSentAt = sentAt;
    group.firstArrival = arrival;
    group.lastArrival = arrival;
    group.reportedAt = now;
  }

  #extend(sentAt: number, arrival: number, now: number): void {
    const group = this.#current;
    if (sentAt > group.lastSentAt) group.lastSentAt = sentAt;
    group.lastArrival = arrival;
    group.reportedAt = now;
  }

  /** The two records change places, so that nothing is allocated. */
  #advance(sentAt: number, arrival: number, now: number): void {
    const finished = this.#current;
    this.#current = this.#previous;
    this.#previous = finished;
    this.#hasPrevious = this.#hasCurrent;
    this.#begin(sentAt, arrival, now);
  }

  #reset(): void {
    this.#hasCurrent = false;
    this.#backwardGroups = 0;
    this.#resets++;
  }
}

function emptyGroup(): Group {
  return { firstSentAt: 0, lastSentAt: 0, firstArrival: 0, lastArrival: 0, reportedAt: 0 };
}
