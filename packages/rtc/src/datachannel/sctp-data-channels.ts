import { type Logger, MediaError, type RtcDataChannel } from '@sluice/core';
import type { DtlsRole } from '../dtls/index.ts';
import { type ChannelLimits, type ChannelStream, SctpDataChannel } from './data-channel.ts';
import { isSoundSctpPacket } from './sctp-packet.ts';
import { WeriftSctp } from './werift-adapter.ts';

/** Bytes of the largest message that we take; belongs into our SDP as max-message-size (RFC 8841 section 6). */
export const MAX_MESSAGE_SIZE = 262_144;

const DEFAULT_PORT = 5000;
/** What a peer takes that says nothing (RFC 8841 section 6.1). */
const DEFAULT_REMOTE_MAX_MESSAGE_SIZE = 65_536;
const DEFAULT_MAX_BUFFERED_BYTES = 1_048_576;
const DEFAULT_MAX_BUFFERED_MESSAGES = 4096;
const DEFAULT_MAX_CHANNELS = 64;

/** What {@link SctpDataChannels} takes. */
export interface SctpDataChannelsOptions {
  /** Our DTLS role; it decides which stream ids are ours (RFC 8832 section 6). */
  readonly dtlsRole: DtlsRole;
  /** The peer's sctp-port. */
  readonly remotePort: number;
  /** Default 5000. */
  readonly localPort?: number | undefined;
  /** The peer's max-message-size in bytes; 0 = any size, absent = 65,536. */
  readonly remoteMaxMessageSize?: number | undefined;
  /** Bytes that may wait on one channel. Default 1,048,576. */
  readonly maxBufferedBytes?: number | undefined;
  /** Messages that may wait on all channels together. Default 4,096. */
  readonly maxBufferedMessages?: number | undefined;
  /** Channels open at a time, whoever opened them. Default 64. */
  readonly maxChannels?: number | undefined;
  /** Whether we send the INIT. Default false: the peer of an ICE-lite agent does. */
  readonly initiates?: boolean | undefined;
  readonly logger: Logger;
  sendDtls(data: Buffer): void;
  /** The peer has opened a channel, and it is open. */
  onChannel(channel: RtcDataChannel): void;
}

/**
 * Why something was dropped: a packet that is no SCTP, a message over a bound
 * (of the queue, of the peer, of ours), a channel over `maxChannels`.
 */
export type DataChannelDropReason = 'malformed' | 'queueFull' | 'tooLarge' | 'oversized' | 'channelLimit';

/** The data channels of one peer (RFC 8831): SCTP over DTLS. */
export class SctpDataChannels {
  readonly #options: SctpDataChannelsOptions;
  readonly #limits: ChannelLimits;
  readonly #maxChannels: number;
  readonly #sctp: WeriftSctp;
  readonly #channels = new Set<SctpDataChannel>();
  readonly #dropped: Partial<Record<DataChannelDropReason, number>> = {};
  #opened = 0;
  #closed = false;

  constructor(options: SctpDataChannelsOptions) {
    this.#options = options;
    this.#maxChannels = options.maxChannels ?? DEFAULT_MAX_CHANNELS;
    this.#limits = {
      maxMessageSize: options.remoteMaxMessageSize ?? DEFAULT_REMOTE_MAX_MESSAGE_SIZE,
      maxBufferedBytes: options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES,
      maxBufferedMessages: options.maxBufferedMessages ?? DEFAULT_MAX_BUFFERED_MESSAGES,
    };
    this.#sctp = new WeriftSctp({
      localPort: options.localPort ?? DEFAULT_PORT,
      remotePort: options.remotePort,
      maxMessageSize: MAX_MESSAGE_SIZE,
      initiates: options.initiates ?? false,
      logger: options.logger,
      send: (packet) => options.sendDtls(packet),
      acceptsChannel: () => this.#acceptsChannel(),
      onChannel: (label, stream) => options.onChannel(this.#add(label, stream)),
      onOversized: () => this.#drop('oversized'),
      onClosed: () => {
        this.#closed = true;
      },
    });
  }

  /** Channels that are not closed, whoever opened them. */
  get channels(): readonly RtcDataChannel[] {
    return [...this.#channels];
  }

  /** What was dropped, by reason. */
  get dropped(): Readonly<Partial<Record<DataChannelDropReason, number>>> {
    return this.#dropped;
  }

  /** Call it once, when DTLS is connected. */
  start(): void {
    this.#sctp.start();
  }

  /** Takes application data of DTLS. Never throws. */
  receive(data: Buffer): void {
    if (this.#closed) return;
    if (isSoundSctpPacket(data)) void this.#sctp.receive(data);
    else this.#drop('malformed');
  }

  /**
   * Opens a reliable, ordered channel; it can be sent on after `onOpen`.
   * @throws MediaError SESSION_CLOSED, SESSION_LIMIT
   */
  open(label: string): RtcDataChannel {
    if (this.#closed) throw new MediaError('SESSION_CLOSED', 'The data channels of this session are closed.');
    if (this.#channels.size >= this.#maxChannels) {
      throw new MediaError('SESSION_LIMIT', `The session has ${this.#maxChannels} data channels, which is the limit.`);
    }
    return this.#add(label, this.#sctp.open(this.#freeId(), label));
  }

  /** Aborts the association; every channel is closed. Idempotent. */
  close(): void {
    this.#sctp.close();
  }

  /**
   * RFC 8832 section 6: even ids are the DTLS client's, odd ones the server's. One that was closed is
   * taken again as late as possible: its streams may still be reset (RFC 8831 section 6.7).
   */
  #freeId(): number {
    const used = this.#sctp.ids;
    const ids = Math.floor(this.#sctp.maxStreams / 2);
    const parity = this.#options.dtlsRole === 'client' ? 0 : 1;
    for (let tries = 0; tries < ids; tries++) {
      const id = parity + 2 * (this.#opened++ % ids);
      if (!used.has(id)) return id;
    }
    throw new MediaError('SESSION_LIMIT', 'Every stream of the SCTP association is in use.');
  }

  #acceptsChannel(): boolean {
    if (this.#channels.size < this.#maxChannels) return true;
    this.#drop('channelLimit');
    return false;
  }

  #add(label: string, stream: ChannelStream): SctpDataChannel {
    const channel = new SctpDataChannel({
      label,
      stream,
      limits: this.#limits,
      logger: this.#options.logger,
      onDropped: (reason) => this.#drop(reason),
    });
    this.#channels.add(channel);
    channel.onClosed(() => this.#channels.delete(channel));
    return channel;
  }

  #drop(reason: DataChannelDropReason): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }
}
