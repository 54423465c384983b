import { HEADER_EXTENSIONS } from '@sluice/core';
import { CongestionController } from '../congestion/congestion-controller.ts';
import type { CongestionLimits } from '../congestion/congestion-limits.ts';
import type { RoundTrip } from '../rtp/round-trip.ts';
import type { ReportBlock } from '../rtp/rtcp-packets.ts';
import type { NegotiatedSection } from '../sdp/negotiated.ts';
import { SendStamps } from './send-stamps.ts';

/** What {@link OutboundCongestion} takes. */
export interface OutboundCongestionOptions {
  /** Those on which we send, at least one. */
  readonly sections: readonly NegotiatedSection[];
  readonly limits: CongestionLimits;
  /** Of the peer; feedback adds to it. */
  readonly roundTrip: RoundTrip;
}

/** How the rate towards one peer is estimated, by what was negotiated on its m-lines: chosen once, for all of them. */
export class OutboundCongestion {
  readonly controller: CongestionController;
  readonly #primary: NegotiatedSection | undefined;
  readonly #transportCc: boolean;

  constructor({ sections, limits, roundTrip }: OutboundCongestionOptions) {
    this.#primary = sections.find(({ kind }) => kind === 'video') ?? sections[0];
    this.#transportCc = this.#primary !== undefined && hasTransportCc(this.#primary) && isStampable(this.#primary);
    this.controller = new CongestionController({ ...limits, transportCc: this.#transportCc, roundTrip });
  }

  /** Takes a report on what is sent on the m-line `mid`; one m-line tells of the path for all. */
  onReport({ fractionLost }: ReportBlock, mid: string, now: number): void {
    if (mid === this.#primary?.mid) this.controller.onReceiverReport(fractionLost / 256, now);
  }

  /** What packets of this m-line carry. */
  stampsOf(section: NegotiatedSection): SendStamps {
    const stampable = isStampable(section);
    const transportCcId = this.#transportCc && stampable ? idOf(section, HEADER_EXTENSIONS.transportWideCc) : 0;
    // Send times serve an estimate of the viewer's own, which one with transport-wide feedback does not make.
    const absSendTimeId = !this.#transportCc && stampable ? idOf(section, HEADER_EXTENSIONS.absSendTime) : 0;
    const counts = this.#transportCc ? transportCcId !== 0 : section === this.#primary;
    return new SendStamps({ transportCcId, absSendTimeId, congestion: counts ? this.controller : undefined });
  }
}

/** Without RTX a lost packet is sent again under its SRTP index, and then must not differ by a single bit. */
function isStampable({ codecs }: NegotiatedSection): boolean {
  return codecs.every(({ feedback, rtxPayloadType }) => rtxPayloadType !== undefined || !feedback.includes('nack'));
}

function hasTransportCc(section: NegotiatedSection): boolean {
  return idOf(section, HEADER_EXTENSIONS.transportWideCc) !== 0 && section.codecs.some(({ feedback }) => feedback.includes('transport-cc'));
}

function idOf({ extensions }: NegotiatedSection, uri: string): number {
  return extensions.find((extension) => extension.uri === uri)?.id ?? 0;
}
