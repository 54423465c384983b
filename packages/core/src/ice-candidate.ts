import { MediaError } from './errors.ts';
import { quoteSdp } from './sdp-lines.ts';

/** An ICE candidate of a peer (RFC 8839 section 5.1). */
export interface IceCandidate {
  readonly foundation: string;
  /** 1 = RTP, 2 = RTCP; at most 256. */
  readonly component: number;
  /** In lower case; `udp`, `tcp` or something that we do not know. */
  readonly transport: string;
  readonly priority: number;
  /** An IP address without brackets, or a name such as `….local` (mDNS). */
  readonly address: string;
  readonly port: number;
  /** `host`, `srflx`, `prflx`, `relay` or something that we do not know. */
  readonly type: string;
  /** `active`, `passive` or `so` (RFC 6544 section 4.5); TCP only. */
  readonly tcpType?: string | undefined;
  /** Generation that the candidate belongs to; not part of every client's candidates. */
  readonly usernameFragment?: string | undefined;
}

// RFC 8839 section 5.4, plus `-`, `_`, `=` and `#`, which deployed peers use and browsers take.
const ICE_CHARS = '[A-Za-z0-9+/=#_-]';
const USERNAME_FRAGMENT = new RegExp(`^${ICE_CHARS}{4,256}$`);
const PASSWORD = new RegExp(`^${ICE_CHARS}{22,256}$`);
const CANDIDATE = new RegExp(
  `^(?<foundation>${ICE_CHARS}{1,32}) (?<component>\\d{1,3}) (?<transport>[A-Za-z0-9-]{1,16}) (?<priority>\\d{1,10})` +
    ' (?<address>[A-Za-z0-9.:%_-]{1,255}) (?<port>\\d{1,5}) typ (?<type>[a-z]{1,16})(?<extensions>(?: \\S{1,256})*)$',
);
const MAX_PRIORITY = 2 ** 32 - 1;

/** Whether `text` is an ICE username fragment of 4 to 256 characters (RFC 8839 section 5.4). */
export function isUsernameFragment(text: string): boolean {
  return USERNAME_FRAGMENT.test(text);
}

/** Whether `text` is an ICE password of 22 to 256 characters (RFC 8839 section 5.4). */
export function isIcePassword(text: string): boolean {
  return PASSWORD.test(text);
}

/**
 * Parses a candidate, with or without `candidate:` or `a=candidate:` before it.
 * Whether it can be used (mDNS, TCP) is for the caller to say.
 * @throws MediaError CANDIDATE_MALFORMED
 */
export function parseCandidate(line: string): IceCandidate {
  const fields = CANDIDATE.exec(line.trim().replace(/^(a=)?candidate:/i, ''))?.groups;
  if (!fields) throw malformed(line);
  const { foundation = '', transport = '', address = '', type = '', extensions = '' } = fields;
  const component = Number(fields['component']);
  const priority = Number(fields['priority']);
  const port = Number(fields['port']);
  if (component < 1 || component > 256 || priority > MAX_PRIORITY || port > 65_535) throw malformed(line);
  const values = extensionValues(extensions.trim());
  return {
    foundation,
    component,
    transport: transport.toLowerCase(),
    priority,
    address,
    port,
    type,
    tcpType: values.get('tcptype'),
    usernameFragment: values.get('ufrag'),
  };
}

/** Everything behind the type comes in pairs of name and value, `raddr` and `rport` too. */
function extensionValues(text: string): Map<string, string> {
  const words = text.split(' ');
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < words.length; index += 2) values.set(words[index] ?? '', words[index + 1] ?? '');
  return values;
}

function malformed(line: string): MediaError {
  return new MediaError(
    'CANDIDATE_MALFORMED',
    `Not an ICE candidate: expected "candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type>", got ${quoteSdp(line)}.`,
  );
}
