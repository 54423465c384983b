import { randomInt } from 'node:crypto';
import {
  type MediaStreamTrack as WeriftTrack,
  MediaStreamTrack,
  RTCPeerConnection,
  type RTCDataChannel,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
} from 'werift';

/** What a {@link LoopbackPeer} brings along. */
export interface LoopbackPeerOptions {
  /** `sendonly` publishes, `recvonly` plays, `sendrecv` does both. */
  readonly direction: 'sendonly' | 'recvonly' | 'sendrecv';
  /** Default: audio and video. */
  readonly kinds?: readonly ('audio' | 'video')[] | undefined;
  /** Default VP8. */
  readonly videoCodec?: 'VP8' | 'H264' | 'H265' | undefined;
  /** Whether video is retransmitted in a stream of its own (RFC 4588) instead of the same one. Default false. */
  readonly rtx?: boolean | undefined;
  /** Of what it sends; random when absent. */
  readonly firstSequenceNumber?: number | undefined;
  /** Label of a data channel to open. */
  readonly channel?: string | undefined;
}

/** An RTP packet that a {@link LoopbackPeer} has received. */
export interface ReceivedPacket {
  readonly kind: 'audio' | 'video';
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
}

const VIDEO_CODECS = {
  VP8: { mimeType: 'video/VP8', parameters: '' },
  H264: { mimeType: 'video/H264', parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f' },
  H265: { mimeType: 'video/H265', parameters: 'profile-id=1;tier-flag=0;level-id=93;tx-mode=SRST' },
} as const;

/** Nobody answers there; without a server werift asks a public one. */
const NO_STUN_SERVER = 'stun:127.0.0.1:9';

/** A WebRTC client in this process, on the loopback address: werift's, so that it shares no code with the server. */
export class LoopbackPeer {
  readonly received: ReceivedPacket[] = [];
  readonly messages: (string | Buffer)[] = [];
  readonly #connection: RTCPeerConnection;
  readonly #tracks = new Map<'audio' | 'video', WeriftTrack>();
  readonly #sequenceNumbers: { audio: number; video: number };
  readonly #channel: RTCDataChannel | undefined;

  constructor(options: LoopbackPeerOptions) {
    const video = VIDEO_CODECS[options.videoCodec ?? 'VP8'];
    const before = (options.firstSequenceNumber ?? randomInt(1, 0x8000)) - 1;
    this.#sequenceNumbers = { audio: before, video: before };
    this.#connection = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      iceServers: [{ urls: NO_STUN_SERVER }],
      iceStunGatherTimeout: 0.01,
      iceUseIpv6: false,
      iceTcpPassive: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      codecs: {
        audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 })],
        video: [
          new RTCRtpCodecParameters({
            ...video,
            clockRate: 90_000,
            rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
          }),
          ...(options.rtx === true ? [new RTCRtpCodecParameters({ mimeType: 'video/rtx', clockRate: 90_000 })] : []),
        ],
      },
    });
    this.#connection.onTrack.subscribe((track) => this.#collect(track));
    for (const kind of options.kinds ?? ['audio', 'video']) this.#addMedia(kind, options.direction);
    this.#channel = options.channel === undefined ? undefined : this.#connection.createDataChannel(options.channel);
    this.#channel?.onMessage.subscribe((message) => this.messages.push(message));
  }

  /** A peer that waits for an offer. */
  static answering(): LoopbackPeer {
    return new LoopbackPeer({ direction: 'recvonly', kinds: [] });
  }

  get state(): string {
    return this.#connection.connectionState;
  }

  get channelOpen(): boolean {
    return this.#channel?.readyState === 'open';
  }

  async createOffer(): Promise<string> {
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    return this.#connection.localDescription?.sdp ?? '';
  }

  async createAnswer(offer: string): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer });
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    return this.#connection.localDescription?.sdp ?? '';
  }

  async acceptAnswer(sdp: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp });
  }

  /**
   * Posts the offer to a WHIP or WHEP endpoint.
   * @returns URL of the session
   * @throws Error with status and text of a refusal
   */
  async connect(endpoint: string): Promise<string> {
    const body = await this.createOffer();
    const response = await fetch(endpoint, { method: 'POST', body, headers: { 'content-type': 'application/sdp' } });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`${endpoint} answered ${response.status}: ${answer}`);
    await this.acceptAnswer(answer);
    return new URL(response.headers.get('location') ?? '', endpoint).href;
  }

  /** Sends one RTP packet; the sequence numbers are the peer's own. */
  send(kind: 'audio' | 'video', packet: { readonly payload: Uint8Array; readonly timestamp: number; readonly marker?: boolean }): void {
    const sequenceNumber = (this.#sequenceNumbers[kind] = (this.#sequenceNumbers[kind] + 1) & 0xffff);
    const header = new RtpHeader({
      payloadType: 96,
      sequenceNumber,
      timestamp: packet.timestamp,
      marker: packet.marker ?? true,
    });
    this.#tracks.get(kind)?.writeRtp(new RtpPacket(header, Buffer.from(packet.payload)));
  }

  /** Leaves out sequence numbers, as if that many packets had been lost. */
  skip(kind: 'audio' | 'video', packets: number): void {
    this.#sequenceNumbers[kind] = (this.#sequenceNumbers[kind] + packets) & 0xffff;
  }

  sendMessage(message: string | Buffer): void {
    this.#channel?.send(message);
  }

  /** Stops its sockets without a word to the other side, as a killed process does. */
  async vanish(): Promise<void> {
    await Promise.all(this.#connection.iceTransports.map((transport) => transport.stop()));
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #addMedia(kind: 'audio' | 'video', direction: LoopbackPeerOptions['direction']): void {
    if (direction === 'recvonly') {
      this.#connection.addTransceiver(kind, { direction });
      return;
    }
    const track = new MediaStreamTrack({ kind });
    this.#tracks.set(kind, track);
    this.#connection.addTransceiver(track, { direction });
  }

  #collect(track: WeriftTrack): void {
    track.onReceiveRtp.subscribe(({ header, payload }) => {
      const { sequenceNumber, timestamp, marker } = header;
      this.received.push({ kind: track.kind === 'video' ? 'video' : 'audio', sequenceNumber, timestamp, marker, payload });
    });
  }
}
