import { randomInt, randomUUID } from 'node:crypto';
import { sends } from '../sdp/direction.ts';
import type { NegotiatedSection } from '../sdp/negotiated.ts';
import type { LocalSource } from '../sdp/write-description.ts';

/** SSRCs and labels of what we send, by m-line index. RTX has an SSRC of its own (RFC 4588 section 4). */
export function createLocalSources(sections: readonly NegotiatedSection[]): ReadonlyMap<number, LocalSource> {
  const sending = sections.filter(({ kind, rejected, direction }) => (kind === 'audio' || kind === 'video') && !rejected && sends(direction));
  const used = new Set<number>();
  return new Map(
    sending.map((section) => {
      const hasRtx = section.codecs.some(({ rtxPayloadType }) => rtxPayloadType !== undefined);
      const source: LocalSource = {
        ssrc: freshSsrc(used),
        rtxSsrc: hasRtx ? freshSsrc(used) : undefined,
        trackLabel: randomUUID(),
      };
      return [section.index, source];
    }),
  );
}

/** SSRCs of one transport must differ (RFC 3550 section 8); 0 is avoided, as some peers take it for none. */
function freshSsrc(used: Set<number>): number {
  let ssrc = randomInt(1, 2 ** 32 - 1);
  while (used.has(ssrc)) ssrc = randomInt(1, 2 ** 32 - 1);
  used.add(ssrc);
  return ssrc;
}
