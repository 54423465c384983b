import type { EngineStats, MetricFamily, MetricSample } from '@sluice/core';
import { counter, gauge, histogram, labelled } from './families.ts';

/** The media plane. */
export function engineFamilies(stats: EngineStats): readonly MetricFamily[] {
  const { received, sent, transport } = stats.media;
  return [
    gauge('sluice_transports', 'Open peer connections.', [{ labels: { tier: stats.tier }, value: stats.transports }]),
    counter('sluice_datagrams_total', 'Datagrams and frames of TCP that came to the media port and left it.', directions(stats.packetsReceived, stats.packetsSent)),
    counter('sluice_transport_bytes_total', 'Bytes exchanged with peers, encryption included.', directions(transport.bytesReceived, transport.bytesSent)),
    counter('sluice_rtp_packets_total', 'RTP packets of publishers and to viewers, retransmissions not counted.', directions(received.packets, sent.packets)),
    counter('sluice_rtp_payload_bytes_total', 'Payload of those packets.', directions(received.bytes, sent.bytes)),
    counter('sluice_rtp_packets_lost_total', 'Packets of publishers that never came, at their most.', received.lost),
    counter('sluice_rtp_retransmissions_total', 'Lost packets that came after all, and packets sent to viewers again.', directions(received.retransmitted, sent.retransmitted)),
    // A request travels against the media: what viewers send us comes in.
    counter('sluice_rtcp_nacks_total', 'NACK packets from viewers (in) and to publishers (out).', directions(sent.nacks, received.nacks)),
    counter('sluice_rtcp_plis_total', 'PLI from viewers (in) and to publishers (out).', directions(sent.plis, received.plis)),
    counter('sluice_rtcp_firs_total', 'FIR from viewers (in) and to publishers (out).', directions(sent.firs, received.firs)),
    histogram('sluice_forward_duration_seconds', 'From a packet\'s arrival until it was sent to its viewers; sampled.', [stats.forwardTimes]),
    counter('sluice_port_drops_total', 'What came to the media port and reached nobody, or was not sent, by reason.', labelled('reason', stats.dropped)),
    counter('sluice_transport_drops_total', 'Datagrams of sessions that were dropped, by reason.', labelled('reason', transport.dropped)),
    counter('sluice_rtp_inbound_drops_total', 'Packets of publishers that were not passed on, by reason.', labelled('reason', received.dropped)),
    counter('sluice_rtp_outbound_drops_total', 'Packets that viewers were not sent, by reason.', labelled('reason', sent.dropped)),
    counter('sluice_stun_refusals_total', 'Connectivity checks without valid credentials that were answered with an error.', stats.refusalsSent),
    gauge('sluice_media_workers', 'Threads that encrypt and send beside the main one.', stats.workers),
    counter('sluice_media_worker_crashes_total', 'Such threads that crashed and were replaced.', stats.workerCrashes),
  ];
}

function directions(inbound: number, outbound: number): readonly MetricSample[] {
  return [
    { labels: { direction: 'in' }, value: inbound },
    { labels: { direction: 'out' }, value: outbound },
  ];
}
