import type { AccessRequest } from '../hook-points.ts';
import type { NegotiationRequest, OfferRequest } from '../manager-types.ts';
import { DEFAULT_VHOST } from '../stream-key.ts';

/** An offer of the form that browsers make; enough for everything but a media engine. */
export function sampleOffer(media: readonly ('audio' | 'video' | 'application')[] = ['audio', 'video']): string {
  const session = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${media.join(' ')}`];
  const sections = media.map((kind) => [
    kind === 'application' ? 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel' : `m=${kind} 9 UDP/TLS/RTP/SAVPF 96`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${kind}`,
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuv',
    `a=fingerprint:sha-256 ${'AA:'.repeat(31)}AA`,
    'a=setup:actpass',
    'a=rtcp-mux',
  ]);
  return [...session, ...sections.flat(), ''].join('\r\n');
}

/** A request of a front door for `live/test`, with the given fields changed. */
export function sampleRequest(changes: Partial<NegotiationRequest> = {}): NegotiationRequest {
  return { offer: sampleOffer(), app: 'live', stream: 'test', remote: { address: '192.0.2.1', port: 50_000 }, ...changes };
}

/** The same of a client that waits for an offer. */
export function sampleOfferRequest(changes: Partial<OfferRequest> = {}): OfferRequest {
  const { offer: _offer, ...request } = sampleRequest();
  return { ...request, ...changes };
}

/** A request as hooks see it, with the given fields changed. */
export function sampleAccessRequest(changes: Partial<AccessRequest> = {}): AccessRequest {
  return {
    type: 'play',
    sessionId: 'session-1',
    protocol: 'test',
    vhost: DEFAULT_VHOST,
    app: 'live',
    stream: 'test',
    query: '',
    params: {},
    headers: {},
    remote: { address: '192.0.2.1', port: 50_000 },
    credentials: {},
    url: 'rtc://localhost/live/test',
    ...changes,
  };
}
