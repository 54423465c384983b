import { z } from 'zod';
import { choice, count, deadline, flag, group, ipAddress, list, milliseconds, port, positive, wholeNumber } from './kinds.ts';

/** `rtc`: the media plane; see the options of `@sluice/rtc`, which has the defaults. */
export const rtcSettings = group({
  port: port.default(8000).describe('UDP and TCP port of all sessions; 0 takes a free one.'),
  addresses: list(ipAddress, 'IP addresses').optional().describe('Local addresses to listen on. Default: all.'),
  externalAddresses: list(ipAddress, 'IP addresses').optional().describe('Addresses that clients see when this machine is behind a NAT.'),
  privateCandidates: flag
    .default(true)
    .describe('Whether private addresses of this machine are offered beside external ones, for clients in its own network.'),
  tcp: flag
    .default(true)
    .describe('Whether media is offered over TCP on the same port number too, for networks that let no UDP through; not when http.port is the same.'),
  maxTcpConnections: count.optional().meta({ description: 'TCP connections of all peers together.', default: 4096 }),
  maxTcpConnectionsPerAddress: count.optional().meta({ description: 'TCP connections from one IP address.', default: 256 }),
  maxTcpSendQueueBytes: count.optional().meta({ description: 'Bytes queued in one TCP connection; further packets are dropped.', default: 1_048_576 }),
  tcpVerifyTimeoutMs: deadline
    .optional()
    .meta({ description: 'Time from a TCP connection\'s start until a connectivity check on it must be verified, milliseconds.', default: 10_000 }),
  maxStunRefusalsPerSecond: count
    .optional()
    .meta({ description: 'STUN requests without valid credentials that are answered, of all sessions together, per second.', default: 100 }),
  maxChecksPerSecond: count.optional().meta({ description: 'Authentic connectivity checks of one session per second.', default: 200 }),
  maxMoveTrialsPerSecond: count.optional().meta({
    description: 'How often packets from unknown ports of a known host are tried with its sessions, per second; 0 = media follows a peer to another port only when it checks from there.',
    default: 1000,
  }),
  maxDiagnosisEntries: count.optional().meta({ description: 'Candidates and checks of one session that are kept, to say why it did not connect.', default: 32 }),
  disconnectedAfterMs: deadline.optional().meta({ description: 'Silence after which a session counts as disconnected, milliseconds.', default: 3000 }),
  closedAfterMs: deadline.optional().meta({ description: 'Silence after which a session is closed, milliseconds.', default: 6000 }),
  connectTimeoutMs: deadline.optional().meta({ description: 'Time from the request until the peer must be connected, milliseconds.', default: 15_000 }),
  flushIntervalMs: wholeNumber('a number of milliseconds', { min: 0, max: 20 })
    .optional()
    .meta({ description: 'How long packets are gathered before they are passed on to viewers together, milliseconds.', default: 5 }),
  frameWaitMs: wholeNumber('a number of milliseconds', { min: 0, max: 50 })
    .optional()
    .meta({ description: 'How long packets of a video frame wait for the rest of it, milliseconds; 0 = no longer than flushIntervalMs.', default: 10 }),
  tier: choice(['auto', 'native', 'portable'])
    .optional()
    .meta({ description: 'How packets are encrypted and sent; native needs Linux and the optional package koffi.', default: 'auto' }),
  workers: z
    .union([z.literal('auto'), wholeNumber('a number of threads', { min: 0, max: 64 })], { error: 'auto or a number of threads from 0 to 64' })
    .optional()
    .meta({ description: 'Threads that encrypt and send to viewers beside the main one; auto = one less than there are processors.', default: 0 }),
  keyframeIntervalMs: milliseconds
    .optional()
    .meta({ description: 'Least time between two keyframe requests for one track of a publisher, milliseconds.', default: 1000 }),
  startBitrateKbps: count
    .optional()
    .meta({ description: 'What a browser that publishes video is told to begin with, kbit/s; 0 leaves it to the browser.', default: 2500 }),
  minBitrateKbps: count.optional().meta({ description: 'The least that a browser which publishes video is told to send, kbit/s; 0 = it decides.', default: 0 }),
  maxBitrateKbps: count.optional().meta({ description: 'The most that a browser which publishes video is told to send, kbit/s; 0 = it decides.', default: 0 }),
  keyframeCacheBytes: count
    .optional()
    .meta({ description: 'Bytes of packets since the last keyframe that each video source keeps for viewers who come late; 0 = none.', default: 4_194_304 }),
  retransmissionCacheMs: wholeNumber('a number of milliseconds', { min: 0, max: 10_000 })
    .optional()
    .meta({ description: 'For how long packets of a source are kept to answer viewers\' NACKs with, milliseconds.', default: 2000 }),
  maxRetransmissionsPerSecond: count.optional().meta({ description: 'Packets per second and m-line that a viewer\'s NACKs are answered with.', default: 1000 }),
  viewerStartBitrateKbps: positive
    .optional()
    .meta({ description: 'What a viewer\'s path is taken to carry before anything is known of it, kbit/s.', default: 1000 }),
  viewerMinBitrateKbps: positive.optional().meta({ description: 'Least that the estimate of a viewer\'s path falls to, kbit/s.', default: 50 }),
  viewerMaxBitrateKbps: positive.optional().meta({ description: 'Most that it grows to, kbit/s.', default: 50_000 }),
  maxDataChannels: count.optional().meta({ description: 'Data channels of one session.', default: 64 }),
  maxBufferedBytes: count.optional().meta({ description: 'Bytes queued in one data channel; further messages are dropped.', default: 1_048_576 }),
  maxBufferedMessages: count.optional().meta({ description: 'Messages queued in all data channels of one session; further ones are dropped.', default: 4096 }),
}).prefault({});
