import { MediaError, parseCandidate, quoteSdp, type Direction, type IceCandidate } from '@sluice/core';

import { Attributes, type MediaBlock } from './attributes.ts';
import { parseCodecs } from './parse-codecs.ts';
import type { ParseContext } from './parse-context.ts';
import { parseMsid, parseRids, parseSimulcast, parseSsrcs } from './parse-sources.ts';
import { parseTransport } from './parse-transport.ts';
import { LEGACY_DATA_PROTOCOL, type RemoteExtension, type RemoteSection, type SectionKind } from './remote-description.ts';

const MEDIA_LINE = /^(\S{1,32}) (\d{1,5})(?:\/\d{1,5})? (\S{1,64}) (\S+(?: +\S+)*)$/;
/** RFC 8829 section 5.1.2 wants all of them taken; DTLS-SRTP is spoken whichever it is. */
const RTP_PROTOCOL = /^(?:(?:UDP\/TLS|TCP\/DTLS)\/RTP\/SAVPF?|RTP\/S?AVPF?)$/;
const DATA_PROTOCOL = /^(?:UDP|TCP)\/DTLS\/SCTP$/;
/** RFC 5888 section 4: a token; the bound is that of an RTP header extension (RFC 9143 section 14). */
const MID = /^[!#$%&'*+.^_`{|}~0-9A-Za-z-]{1,255}$/;
const EXTENSION = /^(\d{1,4})(?:\/(\w+))? +(\S{1,512})/;
const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

const MAX_FORMATS = 128;
const MAX_EXTENSION_ID = 255;
const DEFAULT_SCTP_PORT = 5000;
const DEFAULT_MAX_MESSAGE_SIZE = 65_536;

/** Checks one m-line; `session` holds the attributes that it inherits. */
export function parseSection(block: MediaBlock, index: number, session: Attributes, context: ParseContext): RemoteSection {
  const [, media = '', port, protocol = '', formatText = ''] = MEDIA_LINE.exec(block.line) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw context.malformed(`An m-line must be "<media> <port> <protocol> <formats>", got ${quoteSdp(block.line)}.`);
  }
  const formats = formatText.split(/ +/);
  if (formats.length > MAX_FORMATS) throw context.malformed(`An m-line has more than ${MAX_FORMATS} formats.`);

  const { attributes } = block;
  const rejected = Number(port) === 0 && !attributes.has('bundle-only');
  const kind = rejected ? mediaKind(media) : acceptableKind(media, protocol, formats, context);
  const mid = parseMid(attributes, context);
  const identity = { index, kind, media, protocol, formats, mid: mid ?? String(index), hasMid: mid !== undefined, rejected };
  // What stands below an m-line that we reject does not concern us.
  const used = rejected || kind === 'other' ? new Attributes() : attributes;
  const rids = parseRids(used, context);
  return {
    ...identity,
    direction: parseDirection(used, session, context),
    transport: used === attributes ? parseTransport(used, session, context) : undefined,
    codecs: used === attributes && kind !== 'application' ? parseCodecs(formats, used, context) : [],
    extensions: parseExtensions(used, context),
    ssrcs: parseSsrcs(used, context),
    rids,
    simulcast: parseSimulcast(used, rids, context),
    msid: parseMsid(used, context),
    rtcpMux: used.has('rtcp-mux'),
    reducedSizeRtcp: used.has('rtcp-rsize'),
    candidates: parseCandidates(used, context),
    sctpPort: (protocol === LEGACY_DATA_PROTOCOL ? parseSctpPort(formats[0]) : parseNumber(used, 'sctp-port', 1, 65_535, context)) ?? DEFAULT_SCTP_PORT,
    maxMessageSize: parseNumber(used, 'max-message-size', 0, Number.MAX_SAFE_INTEGER, context) ?? DEFAULT_MAX_MESSAGE_SIZE,
  };
}

function mediaKind(media: string): SectionKind {
  return media === 'audio' || media === 'video' || media === 'application' ? media : 'other';
}

function acceptableKind(media: string, protocol: string, formats: readonly string[], context: ParseContext): SectionKind {
  const kind = mediaKind(media);
  if (kind === 'application') return isDataChannel(protocol, formats[0]) ? kind : 'other';
  if (kind !== 'other' && !RTP_PROTOCOL.test(protocol)) {
    throw context.unacceptable(`The ${kind} m-line has the protocol ${quoteSdp(protocol)}; use UDP/TLS/RTP/SAVPF.`);
  }
  return kind;
}

/** RFC 8841, or the draft before it, which aiortc speaks: there the format is the port. */
function isDataChannel(protocol: string, format: string | undefined): boolean {
  if (protocol === LEGACY_DATA_PROTOCOL) return parseSctpPort(format) !== undefined;
  return DATA_PROTOCOL.test(protocol) && format === 'webrtc-datachannel';
}

function parseSctpPort(text: string | undefined): number | undefined {
  const port = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function parseMid(attributes: Attributes, context: ParseContext): string | undefined {
  const mid = attributes.first('mid');
  if (mid !== undefined && !MID.test(mid)) throw context.malformed(`a=mid must be one word, got ${quoteSdp(mid)}.`);
  return mid;
}

function parseDirection(attributes: Attributes, session: Attributes, context: ParseContext): Direction {
  const own = DIRECTIONS.filter((direction) => attributes.has(direction));
  if (own.length > 1) throw context.malformed(`An m-line has several directions: ${own.join(', ')}.`);
  return own[0] ?? DIRECTIONS.find((direction) => session.has(direction)) ?? 'sendrecv';
}

/** Ids from 4096 ask us to choose one (RFC 8285 section 6); nobody does that, so they are left out. */
function parseExtensions(attributes: Attributes, context: ParseContext): RemoteExtension[] {
  const lines = attributes.all('extmap');
  const { maxExtensions } = context.limits;
  if (lines.length > maxExtensions) throw context.malformed(`An m-line has more than ${maxExtensions} header extensions.`);
  const extensions = lines.map((line) => parseExtension(line, context));
  if (new Set(extensions.map((extension) => extension.id)).size < extensions.length) {
    throw context.malformed('Two header extensions of an m-line have the same id.');
  }
  return extensions.filter((extension) => extension.id <= MAX_EXTENSION_ID);
}

function parseExtension(line: string, context: ParseContext): RemoteExtension {
  const [, idText, directionText = 'sendrecv', uri = ''] = EXTENSION.exec(line) ?? [];
  const id = Number(idText);
  const direction = DIRECTIONS.find((candidate) => candidate === directionText);
  const inRange = (id >= 1 && id <= MAX_EXTENSION_ID) || (id >= 4096 && id <= 4351);
  if (!inRange || direction === undefined) {
    throw context.malformed(`a=extmap must be "<id 1 to 255>[/<direction>] <URI>", got ${quoteSdp(line)}.`);
  }
  return { id, uri, direction };
}

function parseCandidates(attributes: Attributes, context: ParseContext): IceCandidate[] {
  const lines = attributes.all('candidate');
  const { maxCandidates } = context.limits;
  if (lines.length > maxCandidates) throw context.malformed(`An m-line has more than ${maxCandidates} candidates.`);
  try {
    return lines.map(parseCandidate);
  } catch (error) {
    throw MediaError.is(error) ? context.malformed(error.message) : error;
  }
}

function parseNumber(attributes: Attributes, name: string, min: number, max: number, context: ParseContext): number | undefined {
  const text = attributes.first(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw context.malformed(`a=${name} must be a number from ${min} to ${max}, got ${quoteSdp(text)}.`);
}
