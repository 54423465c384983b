import { MediaError, type BitrateHints, type Codec, type KindCapabilities, type MediaCapabilities, type MediaKind } from '@sluice/core';

import { h264ProfileName } from './h264-profile.ts';
import { inBundleOrder } from './bundle.ts';
import { combineDirections, receives, sends, withoutSending } from './direction.ts';
import { withUnambiguousExtensions } from './extension-ids.ts';
import { dataSection, idleSection, mediaSection, negotiateCodecs, rejectedSection } from './negotiate-section.ts';
import type { AnswerPlan, NegotiatedSection } from './negotiated.ts';
import type { RemoteDescription, RemoteSection } from './remote-description.ts';

/** What {@link planAnswer} takes beside offer and capabilities. */
export interface PlanOptions {
  /**
   * What our source carries, by kind. It limits the m-lines on which we send; a kind that
   * is absent or empty is not sent. Undefined when the source is not known: no limit.
   */
  readonly outboundCodecs?: Partial<Record<MediaKind, readonly Codec[]>> | undefined;
  /** Hints for capabilities that have none of their own. */
  readonly bitrate?: BitrateHints | undefined;
}

/**
 * Chooses what to answer (RFC 8829 section 5.3). An offer of media that we cannot take is refused as a whole,
 * never in part (RFC 9725 section 4.2); a viewer merely goes without a kind that our source does not have.
 * @throws MediaError OFFER_UNACCEPTABLE
 */
export function planAnswer(offer: RemoteDescription, capabilities: MediaCapabilities, options: PlanOptions = {}): AnswerPlan {
  // Two lite agents each wait for the other's checks (RFC 8445 section 2.5).
  if (offer.iceLite) throw unacceptable('The offer is that of an ICE-lite peer, and so is this server: neither would look for the other. Offer without a=ice-lite.');
  const sections = withUnambiguousExtensions(offer.sections.map((section) => planSection(section, capabilities, options)));
  checkCounts(sections, capabilities);
  if (!sections.some((section) => !section.rejected && section.direction !== 'inactive')) throw nothingLeft(offer, capabilities);

  const accepted = sections.filter((section) => !section.rejected);
  const bundled = inBundleOrder(accepted, offer.bundleMids);
  // The transport is that of the first m-line that stays in the BUNDLE (RFC 9143 section 7.3.2).
  const first = offer.sections.find((section) => section.mid === bundled[0]?.mid);
  return {
    remote: first?.transport ?? { ice: offer.ice, fingerprints: offer.fingerprints, setup: offer.setup },
    setup: (first?.transport ?? offer).setup === 'passive' ? 'active' : 'passive',
    bundleMids: offer.bundleMids.length === 0 ? [] : bundled.map((section) => section.mid),
    extmapAllowMixed: offer.extmapAllowMixed,
    sections,
  };
}

function planSection(section: RemoteSection, capabilities: MediaCapabilities, options: PlanOptions): NegotiatedSection {
  const { kind } = section;
  if (section.rejected || kind === 'other') return rejectedSection(section);
  if (kind === 'application') return capabilities.data === true ? dataSection(section) : rejectedSection(section);
  return planMediaSection(section, kind, capabilities, options);
}

function planMediaSection(
  section: RemoteSection,
  kind: MediaKind,
  capabilities: MediaCapabilities,
  { outboundCodecs, bitrate }: PlanOptions,
): NegotiatedSection {
  const own = capabilities[kind];
  if (!own) {
    if (sends(section.direction) && receivesMedia(capabilities)) throw unacceptable(`The offer sends ${kind}, which is not taken here; leave it out.`);
    return idleSection(section);
  }
  const possible = combineDirections(section.direction, own.direction);
  const carried = outboundCodecs && (outboundCodecs[kind] ?? []);
  const direction = carried?.length === 0 ? withoutSending(possible) : possible;
  if (direction === 'inactive') return idleSection(section);

  const limit = sends(direction) ? carried : undefined;
  const codecs = negotiateCodecs(section, own, limit);
  if (codecs.length === 0) throw noCommonCodec(section, own, limit);
  return mediaSection(section, { ...own, bitrate: own.bitrate ?? bitrate }, direction, codecs);
}

function receivesMedia(capabilities: MediaCapabilities): boolean {
  return [capabilities.audio, capabilities.video].some((own) => own !== undefined && receives(own.direction));
}

function checkCounts(sections: readonly NegotiatedSection[], capabilities: MediaCapabilities): void {
  for (const kind of ['audio', 'video'] as const) {
    const count = sections.filter((section) => section.kind === kind && section.direction !== 'inactive').length;
    const most = capabilities[kind]?.maxSections ?? 1;
    if (count > most) throw unacceptable(`The offer has ${count} ${kind} m-lines; at most ${most} can be served in one session.`);
  }
}

function noCommonCodec(section: RemoteSection, own: KindCapabilities, carried: readonly Codec[] | undefined): MediaError {
  const offered = codecNames(section.codecs.map(({ codec }) => codec));
  const profiles = carried && h264Profiles(carried);
  const decoded = h264Profiles(section.codecs.map(({ codec }) => codec));
  if (profiles && decoded) return unacceptable(`The stream's video is H264 of ${profiles} profile, but the offer takes H264 of ${decoded} only.`);
  if (carried) return unacceptable(`The stream's ${section.kind} is ${codecNames(carried)}, but the offer takes ${offered} only.`);
  return unacceptable(`No ${section.kind} codec in common: the offer has ${offered}; supported are ${codecNames(own.codecs)}.`);
}

/** In words; undefined when there is no H264. */
function h264Profiles(codecs: readonly Codec[]): string | undefined {
  const h264 = codecs.filter(({ name }) => name.toLowerCase() === 'h264');
  if (h264.length === 0) return undefined;
  return [...new Set(h264.map(({ parameters }) => h264ProfileName(parameters['profile-level-id'] ?? '42e01f')))].join(', ');
}

/** H264 and VP9 differ by profile, so a name alone would be a riddle. */
function codecNames(codecs: readonly { readonly name: string; readonly parameters?: Codec['parameters'] | undefined }[]): string {
  const names = codecs.map(({ name, parameters }) => {
    const details = ['packetization-mode', 'profile-level-id', 'profile-id', 'profile'].flatMap((key) => {
      const value = parameters?.[key];
      return value === undefined ? [] : [`${key}=${value.slice(0, 16)}`];
    });
    return details.length === 0 ? name : `${name} (${details.join(', ')})`;
  });
  return [...new Set(names)].slice(0, 12).join(', ') || 'none';
}

function nothingLeft(offer: RemoteDescription, capabilities: MediaCapabilities): MediaError {
  const offered = offer.sections.map((section) => (section.rejected ? `${section.kind} rejected` : `${section.kind} ${section.direction}`));
  const ready = (['audio', 'video'] as const).flatMap((kind) => {
    const own = capabilities[kind];
    return own ? [`${kind} ${own.direction}`] : [];
  });
  return unacceptable(`Nothing in the offer can be served: it has ${offered.join(', ')}; this side is ready for ${ready.join(', ') || 'data only'}.`);
}

function unacceptable(message: string): MediaError {
  return new MediaError('OFFER_UNACCEPTABLE', message);
}
