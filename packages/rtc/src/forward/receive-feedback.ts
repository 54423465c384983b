import { HEADER_EXTENSIONS } from '@sluice/core';
import { ReceiveBandwidth } from '../rtp/receive-bandwidth.ts';
import { writeRemb } from '../rtp/rtcp-write.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { TransportCcRecorder } from '../rtp/twcc-recorder.ts';
import type { InboundTrack } from './inbound-track.ts';
import { Periodic } from './periodic.ts';

/** Chromium's estimate follows best when it hears every 50 to 100 ms. */
const TRANSPORT_CC_INTERVAL_MS = 50;
const ESTIMATE_INTERVAL_MS = 100;
const REMB_INTERVAL_MS = 500;
/** An estimate that falls by so much is said at once. */
const URGENT_FALL = 0.97;
const DEFAULT_START_KBPS = 300;

/** What congestion feedback is made from. */
export interface ReceiveFeedbackOptions {
  readonly tracks: readonly InboundTrack[];
  readonly localSsrc: number;
  /** Where an estimate of ours begins, kbit/s; 0 = unknown. */
  readonly startBitrateKbps: number;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Takes one plaintext RTCP feedback packet. */
  readonly send: (packet: Buffer) => void;
}

/** Tells a publisher how its packets arrive, so that it finds its bitrate: transport-wide feedback, or REMB where that is not offered. */
export class ReceiveFeedback {
  readonly #options: ReceiveFeedbackOptions;
  readonly #transportCcId: number;
  readonly #transportCc: TransportCcRecorder | undefined;
  readonly #sendTimeId: number;
  readonly #bandwidth: ReceiveBandwidth | undefined;
  readonly #timer: Periodic;
  #saidBitrate = Number.POSITIVE_INFINITY;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(options: ReceiveFeedbackOptions) {
    const { tracks, startBitrateKbps, now } = options;
    this.#options = options;
    this.#transportCcId = extensionIdOf(tracks, HEADER_EXTENSIONS.transportWideCc);
    this.#sendTimeId = extensionIdOf(tracks, HEADER_EXTENSIONS.absSendTime);
    if (this.#transportCcId !== 0) this.#transportCc = new TransportCcRecorder();
    else if (tracks.some((track) => track.takesEstimates)) this.#bandwidth = new ReceiveBandwidth((startBitrateKbps || DEFAULT_START_KBPS) * 1000);
    this.#timer = new Periodic(this.#transportCc ? TRANSPORT_CC_INTERVAL_MS : ESTIMATE_INTERVAL_MS, now);
  }

  /** What REMB says, bit/s; undefined where the peer makes the estimate. */
  get estimate(): number | undefined {
    return this.#bandwidth?.bitrate;
  }

  /** Takes every packet of the transport, retransmissions and padding too. */
  onPacket(packet: RtpPacket, now: number): void {
    if (this.#transportCc) {
      if (!packet.findExtension(this.#transportCcId) || packet.extensionLength < 2) return;
      this.#transportCc.record(packet.buffer.readUInt16BE(packet.extensionOffset), now * 1000);
      return;
    }
    if (!this.#bandwidth) return;
    this.#bandwidth.onPacket(packet.buffer.length, now);
    if (this.#sendTimeId === 0 || !packet.findExtension(this.#sendTimeId) || packet.extensionLength < 3) return;
    this.#bandwidth.onSendTime(packet.buffer.readUIntBE(packet.extensionOffset, 3), now);
  }

  tick(now: number): void {
    if (!this.#timer.due(now)) return;
    if (this.#transportCc) this.#sendTransportCc(this.#transportCc);
    if (this.#bandwidth) this.#sendEstimate(this.#bandwidth, now);
  }

  #sendTransportCc(recorder: TransportCcRecorder): void {
    const { tracks, localSsrc, send } = this.#options;
    const mediaSsrc = tracks.flatMap(({ receivedSsrcs }) => receivedSsrcs)[0] ?? 0;
    for (const feedback of recorder.buildFeedback(localSsrc, mediaSsrc)) send(feedback);
  }

  #sendEstimate(bandwidth: ReceiveBandwidth, now: number): void {
    const { tracks, localSsrc, send } = this.#options;
    const ssrcs = tracks.flatMap((track) => track.receivedSsrcs);
    if (ssrcs.length === 0) return;
    let expected = 0;
    let lost = 0;
    for (const track of tracks) {
      expected += track.expectedPackets;
      lost += track.lostPackets;
    }
    const bitrate = bandwidth.update(expected, lost, now);
    if (now - this.#saidAt < REMB_INTERVAL_MS && bitrate > this.#saidBitrate * URGENT_FALL) return;
    this.#saidAt = now;
    this.#saidBitrate = bitrate;
    send(writeRemb({ senderSsrc: localSsrc, bitrate, ssrcs }));
  }
}

function extensionIdOf(tracks: readonly InboundTrack[], uri: string): number {
  return tracks.flatMap((track) => track.extensions).find((extension) => extension.uri === uri)?.id ?? 0;
}
