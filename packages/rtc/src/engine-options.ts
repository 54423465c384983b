import { type Clock, type Logger, silentLogger, systemClock } from '@sluice/core';
import { DEFAULT_RETRANSMISSION_CACHE_MS } from './rtp/packet-history.ts';
import type { RtcTier } from './tier.ts';

/** More would be delay that a viewer notices. */
const MAX_FLUSH_INTERVAL_MS = 20;

/** A frame takes as long to come at 20 frames per second. */
const MAX_FRAME_WAIT_MS = 50;

/** Later than this no player waits for a packet. */
const MAX_RETRANSMISSION_CACHE_MS = 10_000;

/** What {@link createRtcEngine} takes; everything has a default. */
export interface RtcEngineOptions {
  /** Port of all sessions, 0 to 65535; 0 picks a free one. Default 8000. */
  readonly port?: number | undefined;
  /** Local addresses to bind. Default: all of IPv4 and IPv6. */
  readonly addresses?: readonly string[] | undefined;
  /** Addresses under which clients reach this machine through a NAT. */
  readonly externalAddresses?: readonly string[] | undefined;
  /** Whether private addresses of this machine are offered beside `externalAddresses`, for clients in its own network. Default true. */
  readonly privateCandidates?: boolean | undefined;
  /**
   * Whether TCP on the same port number is offered beside UDP (RFC 6544). It is left out, with
   * a warning, when another program has the number. Default true.
   */
  readonly tcp?: boolean | undefined;
  /** TCP connections of all peers together; further ones are refused. Default 4,096. */
  readonly maxTcpConnections?: number | undefined;
  /** TCP connections from one IP address, behind which a whole office may be. Default 256. */
  readonly maxTcpConnectionsPerAddress?: number | undefined;
  /** Bytes queued in one TCP connection; further packets are dropped. Default 1 MiB. */
  readonly maxTcpSendQueueBytes?: number | undefined;
  /** From a TCP connection's start until a connectivity check on it is verified, milliseconds. Default 10,000. */
  readonly tcpVerifyTimeoutMs?: number | undefined;
  /** STUN requests without valid credentials that are answered with an error, of all sessions together, per second. Default 100. */
  readonly maxStunRefusalsPerSecond?: number | undefined;
  /** Authentic connectivity checks of one transport per second; further ones are dropped. Default 200. */
  readonly maxChecksPerSecond?: number | undefined;
  /**
   * Packets from unknown ports of a known host are tried with the sessions of that host, so often per second
   * of all together: thus media follows a peer whose NAT gave it another port. 0 switches this off. Default 1,000.
   */
  readonly maxMoveTrialsPerSecond?: number | undefined;
  /** Candidates of the peer, and addresses whose checks are remembered, of one transport each. Default 32. */
  readonly maxDiagnosisEntries?: number | undefined;
  /** Silence until a transport is `disconnected`, milliseconds. Default 3,000. */
  readonly disconnectedAfterMs?: number | undefined;
  /** Silence until a transport is closed, milliseconds. Default 6,000. */
  readonly closedAfterMs?: number | undefined;
  /** From the making of a transport until its peer must be connected, milliseconds. Default 15,000. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * How long packets are gathered before they are passed on to viewers together, milliseconds, 0 to 20: the
   * longer, the less each costs. 0 passes each on as it comes. Default 5.
   */
  readonly flushIntervalMs?: number | undefined;
  /**
   * How long packets of a video frame wait for the rest of it, milliseconds since the first, 0 to 50; no decoder
   * shows a frame before it is whole. No longer than `flushIntervalMs` switches this off. Default 10.
   */
  readonly frameWaitMs?: number | undefined;
  /**
   * How packets are encrypted and sent: `native` by calls into OpenSSL and the system, which needs Linux and the
   * optional package koffi; `portable` by what Node offers, at several times the cost; `auto` takes the best that works.
   * Default `auto`.
   */
  readonly tier?: RtcTier | 'auto' | undefined;
  /**
   * Threads that encrypt and send to viewers, 0 to 64; `auto` = one less than the processors there are. They take the
   * native tier, and pay above some 50,000 packets per second. Default 0: the main thread does it.
   */
  readonly workers?: number | 'auto' | undefined;
  /** Least time between two keyframe requests for one track of a publisher, milliseconds. Default 1,000. */
  readonly keyframeIntervalMs?: number | undefined;
  /** What a browser that publishes video is told to begin with, kbit/s; 0 leaves it to the browser. Default 2,500. */
  readonly startBitrateKbps?: number | undefined;
  /** The least that a browser which publishes video is told to send, kbit/s; 0 = it decides. Default 0. */
  readonly minBitrateKbps?: number | undefined;
  /** The most that a browser which publishes video is told to send, kbit/s; 0 = it decides. Default 0. */
  readonly maxBitrateKbps?: number | undefined;
  /**
   * Bytes of packets since the last keyframe that a video source keeps, to serve viewers from when its
   * publisher makes no keyframe for them; 0 switches this off. Default 4 MiB.
   */
  readonly keyframeCacheBytes?: number | undefined;
  /** For how long packets of a source are kept to answer viewers' NACKs with, milliseconds, at most 10,000. Default 2,000. */
  readonly retransmissionCacheMs?: number | undefined;
  /** Packets per second and m-line that a viewer's NACKs are answered with. Default 1,000. */
  readonly maxRetransmissionsPerSecond?: number | undefined;
  /** What a viewer's path is taken to carry before anything is known of it, kbit/s. Default 1,000. */
  readonly viewerStartBitrateKbps?: number | undefined;
  /** Least that the estimate of a viewer's path falls to, kbit/s, at least 1. Default 50. */
  readonly viewerMinBitrateKbps?: number | undefined;
  /** Most that it grows to, kbit/s. Default 50,000. */
  readonly viewerMaxBitrateKbps?: number | undefined;
  /** Data channels of one transport. Default 64. */
  readonly maxDataChannels?: number | undefined;
  /** Bytes queued in one data channel; further messages are dropped. Default 1 MiB. */
  readonly maxBufferedBytes?: number | undefined;
  /** Messages queued in all data channels of one transport; further messages are dropped. Default 4,096. */
  readonly maxBufferedMessages?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** {@link RtcEngineOptions} with the defaults filled in. */
export type ResolvedEngineOptions = Pick<RtcEngineOptions, AddressOption> & {
  readonly [K in Exclude<keyof RtcEngineOptions, AddressOption>]-?: NonNullable<RtcEngineOptions[K]>;
};
type AddressOption = 'addresses' | 'externalAddresses';

/** What an engine runs with, so that a host can show the defaults. */
export function resolveEngineOptions(options: RtcEngineOptions): ResolvedEngineOptions {
  return {
    port: options.port ?? 8000,
    addresses: options.addresses,
    externalAddresses: options.externalAddresses,
    privateCandidates: options.privateCandidates ?? true,
    tcp: options.tcp ?? true,
    maxTcpConnections: options.maxTcpConnections ?? 4096,
    maxTcpConnectionsPerAddress: options.maxTcpConnectionsPerAddress ?? 256,
    maxTcpSendQueueBytes: options.maxTcpSendQueueBytes ?? 1024 * 1024,
    tcpVerifyTimeoutMs: options.tcpVerifyTimeoutMs ?? 10_000,
    maxStunRefusalsPerSecond: options.maxStunRefusalsPerSecond ?? 100,
    maxChecksPerSecond: options.maxChecksPerSecond ?? 200,
    maxMoveTrialsPerSecond: options.maxMoveTrialsPerSecond ?? 1000,
    maxDiagnosisEntries: options.maxDiagnosisEntries ?? 32,
    disconnectedAfterMs: options.disconnectedAfterMs ?? 3000,
    closedAfterMs: options.closedAfterMs ?? 6000,
    connectTimeoutMs: options.connectTimeoutMs ?? 15_000,
    workers: options.workers ?? 0,
    flushIntervalMs: Math.min(MAX_FLUSH_INTERVAL_MS, options.flushIntervalMs ?? 5),
    frameWaitMs: Math.min(MAX_FRAME_WAIT_MS, options.frameWaitMs ?? 10),
    tier: options.tier ?? 'auto',
    keyframeIntervalMs: options.keyframeIntervalMs ?? 1000,
    startBitrateKbps: options.startBitrateKbps ?? 2500,
    minBitrateKbps: options.minBitrateKbps ?? 0,
    maxBitrateKbps: options.maxBitrateKbps ?? 0,
    keyframeCacheBytes: options.keyframeCacheBytes ?? 4 * 1024 * 1024,
    retransmissionCacheMs: Math.min(MAX_RETRANSMISSION_CACHE_MS, options.retransmissionCacheMs ?? DEFAULT_RETRANSMISSION_CACHE_MS),
    maxRetransmissionsPerSecond: options.maxRetransmissionsPerSecond ?? 1000,
    viewerStartBitrateKbps: options.viewerStartBitrateKbps ?? 1000,
    viewerMinBitrateKbps: Math.max(1, options.viewerMinBitrateKbps ?? 50),
    viewerMaxBitrateKbps: options.viewerMaxBitrateKbps ?? 50_000,
    maxDataChannels: options.maxDataChannels ?? 64,
    maxBufferedBytes: options.maxBufferedBytes ?? 1024 * 1024,
    maxBufferedMessages: options.maxBufferedMessages ?? 4096,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
  };
}
