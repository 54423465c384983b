import { type OfferWishes, isJsonObject } from '@sluice/core';
import { type Fields, invalid, isAbsent, optionalNumber, optionalText, textList } from './fields.ts';

/** Names of a stream, as far as a client gives them. */
export interface StreamNames {
  readonly vhost: string | undefined;
  readonly app: string | undefined;
  readonly stream: string | undefined;
}

/** A candidate of the client, and which of its sessions it is for. */
export interface ClientCandidate {
  /** Empty at the end of candidates. */
  readonly candidate: string;
  readonly mid: string | undefined;
  readonly mLineIndex: number | undefined;
  readonly usernameFragment: string | undefined;
  readonly sessionId: string | undefined;
}

/** Several times the longest one that RFC 8839 section 5.1 leads to. */
const MAX_CANDIDATE_LENGTH = 1_024;

export const STATS_TYPES = ['webrtc', 'system', 'network'] as const;

/** One of {@link STATS_TYPES}. */
export type StatsType = (typeof STATS_TYPES)[number];

/** @throws PeerError DATA_INVALID */
export function readStreamNames(data: Fields): StreamNames {
  return {
    vhost: optionalText(data, 'vhost') || undefined,
    app: optionalText(data, 'app') || undefined,
    stream: optionalText(data, 'stream') || undefined,
  };
}

/**
 * `constraints` are those of getUserMedia, of which only false means something here; a codec may have its kind before
 * it, as in `video/VP8`.
 * @throws PeerError DATA_INVALID
 */
export function readWishes(data: Fields): OfferWishes {
  const { constraints } = data;
  if (!isAbsent(constraints) && !isJsonObject(constraints)) throw invalid('constraints', 'an object such as {"video":true,"audio":false}');
  const codecs = textList(data, 'codec_preferences').map((name) => name.replace(/^(audio|video)\//i, ''));
  return { audio: constraints?.['audio'] !== false, video: constraints?.['video'] !== false, codecs };
}

/** @throws PeerError DATA_INVALID */
export function readDescription(data: Fields, type: 'offer' | 'answer'): string {
  const given = data['sdp'];
  const { type: givenType = type, sdp } = isJsonObject(given) ? given : { sdp: given };
  if (typeof sdp === 'string' && sdp !== '' && givenType === type) return sdp;
  throw invalid('sdp', `an object {"type":"${type}","sdp":"v=0…"}`);
}

/** @throws PeerError DATA_INVALID */
export function readCandidate(data: Fields): ClientCandidate {
  const given = data['candidate'];
  // Browsers say null at the end.
  const fields = isJsonObject(given) ? given : { ...data, candidate: given ?? '' };
  const { candidate } = fields;
  if (typeof candidate !== 'string' || candidate.length > MAX_CANDIDATE_LENGTH) throw invalid('candidate', `an object {"candidate":"candidate:…","sdpMid":"0","sdpMLineIndex":0} with at most ${MAX_CANDIDATE_LENGTH} characters in candidate`);
  return {
    candidate,
    mid: optionalText(fields, 'sdpMid'),
    mLineIndex: optionalNumber(fields, 'sdpMLineIndex'),
    usernameFragment: optionalText(fields, 'usernameFragment'),
    sessionId: optionalText(data, 'session_id'),
  };
}

/**
 * Without a list it is all of them.
 * @throws PeerError DATA_INVALID
 */
export function readStatsTypes(data: Fields): readonly StatsType[] {
  const given = typeof data['stats_type'] === 'string' ? [data['stats_type']] : textList(data, 'stats_type');
  const known = STATS_TYPES.filter((type) => given.includes(type));
  if (given.length === 0) return STATS_TYPES;
  if (given.every((type) => known.some((name) => name === type))) return known;
  throw invalid('stats_type', `a list of some of ${STATS_TYPES.join(', ')}`);
}
