/** What a peer of the load generator offers. */
export interface OfferOptions {
  readonly direction: 'sendonly' | 'recvonly';
  readonly usernameFragment: string;
  readonly password: string;
  /** SHA-256, as in `a=fingerprint`. */
  readonly fingerprint: string;
  /** Of our socket on 127.0.0.1. */
  readonly port: number;
  /** Of what we send. */
  readonly ssrc: number;
}

/** What the load generator needs of an answer. */
export interface Answer {
  readonly usernameFragment: string;
  readonly password: string;
  /** Of the server's candidate on 127.0.0.1. */
  readonly port: number;
  /** Our part in DTLS, which the server's `a=setup` leaves to us. */
  readonly dtlsRole: 'client' | 'server';
}

export const VP8_PAYLOAD_TYPE = 96;
export const MID_EXTENSION_ID = 1;
export const TRANSPORT_CC_EXTENSION_ID = 2;
export const MID = '0';

/** One VP8 m-line as a browser offers it, with RTX, all feedback, and one candidate. */
export function writeOffer(options: OfferOptions): string {
  const { direction, usernameFragment, password, fingerprint, port, ssrc } = options;
  const sent = direction === 'sendonly' ? [`a=ssrc:${ssrc} cname:bench`, `a=msid:bench video`] : [];
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${MID}`,
    `m=video ${port} UDP/TLS/RTP/SAVPF ${VP8_PAYLOAD_TYPE} 97`,
    'c=IN IP4 127.0.0.1',
    `a=mid:${MID}`,
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    `a=ice-ufrag:${usernameFragment}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:actpass',
    `a=rtpmap:${VP8_PAYLOAD_TYPE} VP8/90000`,
    ...['nack', 'nack pli', 'ccm fir', 'goog-remb', 'transport-cc'].map((feedback) => `a=rtcp-fb:${VP8_PAYLOAD_TYPE} ${feedback}`),
    'a=rtpmap:97 rtx/90000',
    `a=fmtp:97 apt=${VP8_PAYLOAD_TYPE}`,
    `a=extmap:${MID_EXTENSION_ID} urn:ietf:params:rtp-hdrext:sdes:mid`,
    `a=extmap:${TRANSPORT_CC_EXTENSION_ID} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`,
    ...sent,
    `a=candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host`,
    'a=end-of-candidates',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** @throws Error when a line that is needed is missing, or the m-line was rejected */
export function readAnswer(sdp: string): Answer {
  if (/^m=video 0 /m.test(sdp)) throw new Error('The server rejected the video m-line of the offer.');
  return {
    usernameFragment: need(sdp, /^a=ice-ufrag:(\S+)/m),
    password: need(sdp, /^a=ice-pwd:(\S+)/m),
    port: Number(need(sdp, /^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/im)),
    dtlsRole: need(sdp, /^a=setup:(active|passive)/m) === 'active' ? 'server' : 'client',
  };
}

function need(sdp: string, pattern: RegExp): string {
  const value = pattern.exec(sdp)?.[1];
  if (value === undefined) throw new Error(`The answer has no line that matches ${pattern.source}:\n${sdp}`);
  return value;
}
