/** What a peer of the load generator says of itself. */
export interface LocalParameters {
  readonly usernameFragment: string;
  readonly password: string;
  /** SHA-256, as in `a=fingerprint`. */
  readonly fingerprint: string;
  /** Of our socket. */
  readonly address: string;
  readonly port: number;
  /** Of what we send. */
  readonly ssrc: number;
}

/** What the load generator needs of the other side's description, be it an answer or an offer. */
export interface RemoteDescription {
  readonly usernameFragment: string;
  readonly password: string;
  /** Of its candidate at the address that everything runs on. */
  readonly port: number;
  /** Our part in DTLS, which its `a=setup` leaves to us. */
  readonly dtlsRole: 'client' | 'server';
  readonly payloadType: number;
  /** Of retransmissions, when they have one of their own. */
  readonly rtxPayloadType: number | undefined;
  /** Of transport-wide sequence numbers, when feedback on them was agreed on. */
  readonly transportCcId: number | undefined;
}

export const MID_EXTENSION_ID = 1;
export const TRANSPORT_CC_EXTENSION_ID = 2;
export const MID = '0';

const VP8_PAYLOAD_TYPE = 96;
const RTX_PAYLOAD_TYPE = 97;
const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const TRANSPORT_CC_URI = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const FEEDBACK = ['nack', 'nack pli', 'ccm fir', 'goog-remb', 'transport-cc'];

/** One VP8 m-line as a browser offers it, with RTX, all feedback, and one candidate. */
export function writeOffer(direction: 'sendonly' | 'recvonly', local: LocalParameters): string {
  const sent = direction === 'sendonly' ? [`a=ssrc:${local.ssrc} cname:bench`, `a=msid:bench video`] : [];
  return write(local, MID, [
    `a=${direction}`,
    'a=setup:actpass',
    ...codecLines(VP8_PAYLOAD_TYPE, RTX_PAYLOAD_TYPE, FEEDBACK),
    `a=extmap:${MID_EXTENSION_ID} ${MID_URI}`,
    `a=extmap:${TRANSPORT_CC_EXTENSION_ID} ${TRANSPORT_CC_URI}`,
    ...sent,
  ]);
}

/** Takes what is offered, for servers that let their viewers answer. */
export function writeAnswer(offer: string, local: LocalParameters): string {
  const { payloadType, rtxPayloadType } = codecsOf(offer);
  const feedback = FEEDBACK.filter((kind) => offer.includes(`a=rtcp-fb:${payloadType} ${kind}\r\n`));
  const extensions = offer.split('\r\n').filter((line) => line.startsWith('a=extmap:') && (line.includes(MID_URI) || line.includes(TRANSPORT_CC_URI)));
  const lines = ['a=recvonly', 'a=setup:active', ...codecLines(payloadType, rtxPayloadType, feedback), ...extensions];
  return write(local, need(offer, /^a=mid:(\S+)/m), lines);
}

/**
 * @param address that everything runs on
 * @throws Error when a line that is needed is missing, or the m-line was rejected
 */
export function readDescription(sdp: string, address: string): RemoteDescription {
  if (/^m=video 0 /m.test(sdp)) throw new Error('The server rejected the video m-line of the offer.');
  const candidate = new RegExp(`^a=candidate:\\S+ 1 udp \\d+ ${address.replaceAll('.', '\\.')} (\\d+) typ host`, 'im');
  const codecs = codecsOf(sdp);
  return {
    usernameFragment: need(sdp, /^a=ice-ufrag:(\S+)/m),
    password: need(sdp, /^a=ice-pwd:(\S+)/m),
    port: Number(need(sdp, candidate)),
    dtlsRole: need(sdp, /^a=setup:(active|passive|actpass)/m) === 'active' ? 'server' : 'client',
    ...codecs,
    transportCcId: transportCcIdOf(sdp, codecs.payloadType),
  };
}

function write({ address, port, usernameFragment, password, fingerprint }: LocalParameters, mid: string, lines: readonly string[]): string {
  const payloadTypes = lines.flatMap((line) => /^a=rtpmap:(\d+)/.exec(line)?.[1] ?? []);
  const all = [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mid}`,
    `m=video ${port} UDP/TLS/RTP/SAVPF ${payloadTypes.join(' ')}`,
    `c=IN IP4 ${address}`,
    `a=mid:${mid}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    `a=ice-ufrag:${usernameFragment}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    ...lines,
    `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host`,
    'a=end-of-candidates',
  ];
  return `${all.join('\r\n')}\r\n`;
}

function codecLines(payloadType: number, rtxPayloadType: number | undefined, feedback: readonly string[]): string[] {
  const rtx = rtxPayloadType === undefined ? [] : [`a=rtpmap:${rtxPayloadType} rtx/90000`, `a=fmtp:${rtxPayloadType} apt=${payloadType}`];
  return [`a=rtpmap:${payloadType} VP8/90000`, ...feedback.map((kind) => `a=rtcp-fb:${payloadType} ${kind}`), ...rtx];
}

function codecsOf(sdp: string): Pick<RemoteDescription, 'payloadType' | 'rtxPayloadType'> {
  const payloadType = Number(need(sdp, /^a=rtpmap:(\d+) VP8\/90000/m));
  const rtx = new RegExp(`^a=fmtp:(\\d+) apt=${payloadType}\\b`, 'm').exec(sdp)?.[1];
  return { payloadType, rtxPayloadType: rtx === undefined ? undefined : Number(rtx) };
}

function transportCcIdOf(sdp: string, payloadType: number): number | undefined {
  const extension = sdp.split('\r\n').find((line) => line.startsWith('a=extmap:') && line.includes(TRANSPORT_CC_URI));
  const isAgreed = sdp.includes(`a=rtcp-fb:${payloadType} transport-cc`);
  return extension !== undefined && isAgreed ? Number.parseInt(extension.slice('a=extmap:'.length), 10) : undefined;
}

function need(sdp: string, pattern: RegExp): string {
  const value = pattern.exec(sdp)?.[1];
  if (value === undefined) throw new Error(`The description has no line that matches ${pattern.source}:\n${sdp}`);
  return value;
}
