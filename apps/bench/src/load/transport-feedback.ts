const REFERENCE_MS = 64;
const TICKS_PER_MS = 4;
const MAX_RUN = 0x1fff;
const MAX_DELTA = 0x7fff;
/** RTCP header, two SSRCs, base, count, reference time and feedback count. */
const HEADER_BYTES = 20;
// Packet status symbols (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.1).
const LOST = 0;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;

interface Run {
  readonly symbol: number;
  length: number;
}

/** Transport-wide feedback of one viewer: takes arrivals in order and reports those since the last report. */
export class TransportFeedback {
  readonly #sequences: number[] = [];
  readonly #times: number[] = [];
  #count = 0;

  /** @param now milliseconds */
  add(sequence: number, now: number): void {
    this.#sequences.push(sequence);
    this.#times.push(now);
  }

  /** @returns an RTCP packet; undefined when nothing came since the last one */
  take(senderSsrc: number, mediaSsrc: number): Buffer | undefined {
    const sequences = this.#sequences.splice(0);
    const times = this.#times.splice(0);
    const [base, firstTime] = [sequences[0], times[0]];
    if (base === undefined || firstTime === undefined) return undefined;
    const reference = Math.floor(firstTime / REFERENCE_MS);
    const runs: Run[] = [];
    const deltas: number[] = [];
    let ticks = reference * REFERENCE_MS * TICKS_PER_MS;
    let next = base;
    for (const [index, sequence] of sequences.entries()) {
      const gap = (sequence - next) & 0xffff;
      // An older one was reported as lost, and that stands.
      if (gap >= 0x8000) continue;
      append(runs, LOST, gap);
      const arrival = Math.round((times[index] ?? firstTime) * TICKS_PER_MS);
      const delta = Math.min(arrival - ticks, MAX_DELTA);
      append(runs, delta <= 0xff ? SMALL_DELTA : LARGE_DELTA, 1);
      deltas.push(delta);
      ticks += delta;
      next = (sequence + 1) & 0xffff;
    }
    return this.#write({ senderSsrc, mediaSsrc, base, reference, statuses: (next - base) & 0xffff }, runs, deltas);
  }

  #write(report: { senderSsrc: number; mediaSsrc: number; base: number; reference: number; statuses: number }, runs: readonly Run[], deltas: readonly number[]): Buffer {
    const length = HEADER_BYTES + 2 * runs.length + deltas.reduce((sum, delta) => sum + (delta <= 0xff ? 1 : 2), 0);
    const padding = -length & 3;
    const packet = Buffer.alloc(length + padding);
    packet.writeUInt8(padding > 0 ? 0xaf : 0x8f, 0);
    packet.writeUInt8(205, 1);
    packet.writeUInt16BE(packet.length / 4 - 1, 2);
    packet.writeUInt32BE(report.senderSsrc, 4);
    packet.writeUInt32BE(report.mediaSsrc, 8);
    packet.writeUInt16BE(report.base, 12);
    packet.writeUInt16BE(report.statuses, 14);
    packet.writeUIntBE(report.reference & 0xff_ffff, 16, 3);
    packet.writeUInt8(this.#count, 19);
    this.#count = (this.#count + 1) & 0xff;
    let offset = HEADER_BYTES;
    for (const { symbol, length: run } of runs) offset = packet.writeUInt16BE((symbol << 13) | run, offset);
    for (const delta of deltas) offset = delta <= 0xff ? packet.writeUInt8(delta, offset) : packet.writeInt16BE(delta, offset);
    if (padding > 0) packet.writeUInt8(padding, packet.length - 1);
    return packet;
  }
}

/** Run-length chunks only: what is lost or late here is little. */
function append(runs: Run[], symbol: number, count: number): void {
  for (let left = count; left > 0; ) {
    const last = runs.at(-1);
    const room = last?.symbol === symbol ? Math.min(left, MAX_RUN - last.length) : 0;
    if (last && room > 0) last.length += room;
    else runs.push({ symbol, length: Math.min(left, MAX_RUN) });
    left -= room > 0 ? room : Math.min(left, MAX_RUN);
  }
}
