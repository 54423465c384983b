import type { Clock, Logger, RtcDataChannel } from '@sluice/core';
import { SctpDataChannels } from '../datachannel/index.ts';
import type { DtlsRole } from '../dtls/index.ts';
import type { ResolvedEngineOptions } from '../engine-options.ts';
import type { FanOut } from '../forward/fan-out.ts';
import type { ProbePacer } from '../forward/probe-pacer.ts';
import { RtpSession } from '../forward/rtp-session.ts';
import type { AnswerPlan } from '../sdp/negotiated.ts';
import { viewerBitrate } from './bitrate-hints.ts';
import type { Agreement } from './description-exchange.ts';
import type { SecureLink } from './secure-link.ts';

/** What the sessions of one peer stand on. */
export interface PeerSessionOptions {
  readonly streamLabel: string;
  /** Of each video source. */
  readonly keyframeCacheBytes: number;
  readonly link: SecureLink;
  readonly fanOut: FanOut;
  readonly probePacer: ProbePacer;
  readonly engine: ResolvedEngineOptions;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The media that was agreed upon, over the link to the peer. */
export function createRtpSession(options: PeerSessionOptions, { plan, sources }: Pick<Agreement, 'plan' | 'sources'>, onGoodbye: () => void): RtpSession {
  const { link, engine, streamLabel, keyframeCacheBytes, fanOut, probePacer, clock, logger } = options;
  const { keyframeIntervalMs, retransmissionCacheMs, maxRetransmissionsPerSecond, startBitrateKbps } = engine;
  return new RtpSession({
    sections: plan.sections,
    sources,
    cname: streamLabel,
    clock,
    logger,
    keyframeIntervalMs,
    keyframeCacheBytes,
    retransmissionCacheMs,
    maxRetransmissionsPerSecond,
    fanOut,
    outlet: link.outlet,
    startBitrateKbps,
    viewerBitrate: viewerBitrate(engine),
    probePacer,
    sendRtcp: (packet) => link.sendRtcp(packet),
    onGoodbye,
  });
}

/** @returns undefined when no section for data channels was agreed upon */
export function createDataChannels(
  { link, engine, logger }: PeerSessionOptions,
  plan: AnswerPlan,
  dtlsRole: DtlsRole,
  onChannel: (channel: RtcDataChannel) => void,
): SctpDataChannels | undefined {
  const section = plan.sections.find(({ kind, rejected }) => kind === 'application' && !rejected);
  if (!section) return undefined;
  return new SctpDataChannels({
    dtlsRole,
    remotePort: section.sctpPort,
    remoteMaxMessageSize: section.maxMessageSize,
    maxBufferedBytes: engine.maxBufferedBytes,
    maxBufferedMessages: engine.maxBufferedMessages,
    maxChannels: engine.maxDataChannels,
    logger,
    sendDtls: (data) => link.sendData(data),
    onChannel,
  });
}
