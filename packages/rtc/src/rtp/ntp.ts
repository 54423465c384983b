import type { ReceiverTimeAnswer, ReportBlock } from './rtcp-packets.ts';

/** Seconds from 1900, where NTP counts from, to 1970. */
const NTP_EPOCH_OFFSET_SECONDS = 2_208_988_800;
const FRACTIONS_PER_SECOND = 2 ** 32;
/** Units of LSR and DLSR (RFC 3550 section 6.4.1). */
const COMPACT_UNITS_PER_MS = 65_536 / 1000;

/** The 64-bit NTP timestamp (RFC 3550 section 4) of a wall-clock time in milliseconds since 1970. */
export function ntpFromUnixMs(unixMs: number): bigint {
  const seconds = Math.floor(unixMs / 1000);
  const fraction = Math.floor(((unixMs - seconds * 1000) / 1000) * FRACTIONS_PER_SECOND);
  return (BigInt(seconds + NTP_EPOCH_OFFSET_SECONDS) << 32n) | BigInt(fraction);
}

/** Milliseconds since 1970, with fractions, of a 64-bit NTP timestamp. */
export function unixMsFromNtp(ntp: bigint): number {
  const seconds = Number(ntp >> 32n) - NTP_EPOCH_OFFSET_SECONDS;
  return seconds * 1000 + (Number(ntp & 0xffff_ffffn) / FRACTIONS_PER_SECOND) * 1000;
}

/** The middle 32 bits, as LSR carries them. */
export function compactNtp(ntp: bigint): number {
  return Number((ntp >> 16n) & 0xffff_ffffn);
}

/** A duration in the units of DLSR, 1/65536 s, held within 32 bits. */
export function compactDuration(ms: number): number {
  return Math.min(Math.max(0, Math.round(ms * COMPACT_UNITS_PER_MS)), 0xffff_ffff);
}

/**
 * Round trip in milliseconds by a report that answers our sender report (RFC 3550 section 6.4.1).
 * @param arrival NTP time of our clock, the one that stamped our sender reports
 * @returns undefined when the reporter has seen no sender report, or when its times contradict ours
 */
export function roundTripTimeMs(report: ReportBlock, arrival: bigint): number | undefined {
  return answeredAfterMs(report.lastSenderReport, report.delaySinceLastSenderReport, arrival);
}

/** The same by an answer to our receiver reference time (RFC 3611 section 4.5). */
export function receiverRoundTripTimeMs(answer: ReceiverTimeAnswer, arrival: bigint): number | undefined {
  return answeredAfterMs(answer.lastReceiverReport, answer.delaySinceLastReceiverReport, arrival);
}

function answeredAfterMs(sentAt: number, delay: number, arrival: bigint): number | undefined {
  if (sentAt === 0) return undefined;
  const units = (compactNtp(arrival) - sentAt - delay) | 0;
  return units < 0 ? undefined : units / COMPACT_UNITS_PER_MS;
}
