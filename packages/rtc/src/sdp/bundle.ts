import { HEADER_EXTENSIONS, quoteSdp } from '@sluice/core';

import type { Attributes } from './attributes.ts';
import type { ParseContext } from './parse-context.ts';
import type { RemoteSection, RemoteTransport } from './remote-description.ts';

/** mids of the BUNDLE group (RFC 9143); empty without one. */
export function parseBundle(session: Attributes, sections: readonly RemoteSection[], context: ParseContext): readonly string[] {
  const [, ...mids] = session.all('group').map((group) => group.split(/ +/)).find(([semantics]) => semantics === 'BUNDLE') ?? [];
  if (new Set(mids).size < mids.length) throw context.malformed('The BUNDLE group names an m-line twice.');
  const known = new Set(sections.filter((section) => section.hasMid).map((section) => section.mid));
  const unknown = mids.find((mid) => !known.has(mid));
  if (unknown !== undefined) throw context.malformed(`The BUNDLE group names ${quoteSdp(unknown)}, but no m-line has this a=mid.`);
  return mids;
}

/** All media of a session goes over one transport, RTP and RTCP on one port. */
export function checkBundle(active: readonly RemoteSection[], bundleMids: readonly string[], context: ParseContext): void {
  const outside = active.find((section) => !bundleMids.includes(section.mid));
  if (outside && (active.length > 1 || bundleMids.length > 0)) {
    throw context.unacceptable(`The m-line ${quoteSdp(outside.mid)} is not in the BUNDLE group; bundle all m-lines (max-bundle).`);
  }
  // In a BUNDLE, a=rtcp-mux of one m-line holds for all (RFC 9143 section 9.3).
  const rtp = active.filter((section) => section.kind !== 'application');
  if (rtp.length > 0 && !rtp.some((section) => section.rtcpMux)) {
    throw context.unacceptable('RTP and RTCP on separate ports are not supported; add a=rtcp-mux.');
  }
  checkPayloadTypes(rtp, context);
  checkMidExtension(rtp, context);
}

/** In a BUNDLE a payload type means the same in every m-line (RFC 9143 section 9.1). */
function checkPayloadTypes(sections: readonly RemoteSection[], context: ParseContext): void {
  const meanings = new Map<number, string>();
  for (const { kind, codecs } of sections) {
    for (const { payloadType, codec } of codecs) {
      const meaning = `${kind} ${codec.name.toLowerCase()}/${codec.clockRate}`;
      if ((meanings.get(payloadType) ?? meaning) !== meaning) {
        throw context.malformed(`Payload type ${payloadType} has two meanings in one BUNDLE; give each codec its own.`);
      }
      meanings.set(payloadType, meaning);
    }
  }
}

/** MID says which m-line a packet belongs to, so its id cannot depend on that. Of others it may, and aiortc's does. */
function checkMidExtension(sections: readonly RemoteSection[], context: ParseContext): void {
  const ids = sections.flatMap((section) => section.extensions.filter(({ uri }) => uri === HEADER_EXTENSIONS.mid).map(({ id }) => id));
  if (new Set(ids).size > 1) throw context.malformed('The MID header extension has different ids in one BUNDLE.');
}

/** Of the first m-line of the BUNDLE that has one (RFC 9143 section 7.1.3). Others may differ, and aiortc's do. */
export function bundleTransport(active: readonly RemoteSection[], bundleMids: readonly string[], context: ParseContext): RemoteTransport {
  const transport = inBundleOrder(active, bundleMids).find((section) => section.transport)?.transport;
  if (transport) return transport;
  throw context.malformed('a=ice-ufrag, a=ice-pwd and a=fingerprint are needed, in the first m-line or before it.');
}

/** The first m-line of the BUNDLE group need not be the first of the description. */
export function inBundleOrder<S extends { readonly mid: string }>(sections: readonly S[], bundleMids: readonly string[]): readonly S[] {
  if (bundleMids.length === 0) return sections;
  return bundleMids.flatMap((mid) => sections.find((section) => section.mid === mid) ?? []);
}
