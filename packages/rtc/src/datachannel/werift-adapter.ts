/* oxlint-disable typescript/no-unsafe-type-assertion -- werift's types hide what this adapter is for. */
import type { DataMessage, Logger } from '@sluice/core';
import { Event, RTCDataChannel, RTCDataChannelParameters, RTCSctpTransport } from 'werift';
import type { ChannelStream } from './data-channel.ts';
import { PAYLOAD_PROTOCOL, isOpen, serializeOpen } from './dcep.ts';
import { isInit } from './sctp-packet.ts';

/** Above our receive window of 1 MiB; a peer that goes beyond ignores the window. */
const MIN_RECEIVE_WINDOW = -65_536;
/** TSNs that may be waiting for an earlier one; the receive window holds about 900 full packets. */
const MAX_MISORDERED_PACKETS = 2048;

/** Of werift's `associationState`. */
const ESTABLISHED = 4;

/** RFC 8831 section 6.2. */
const MAX_STREAMS = 65_535;

type DtlsTransport = Parameters<RTCSctpTransport['setDtlsTransport']>[0];
type AsyncMethod<A extends unknown[]> = (...args: A) => Promise<unknown>;
type QueuedMessage = [channel: RTCDataChannel, payloadProtocol: number, message: Buffer];

/** The members of werift's RTCSctpTransport that its types hide. */
interface TransportInternals {
  dataChannelQueue: QueuedMessage[];
  dataChannelFlush: AsyncMethod<[]>;
  datachannelReceive: AsyncMethod<[streamId: number, payloadProtocol: number, message: Buffer]>;
}

/** The members of werift's SCTP that its types hide. */
interface AssociationInternals {
  handleData: AsyncMethod<[packet: Buffer]>;
  transmit: AsyncMethod<[]>;
  transmitReconfigRequest: AsyncMethod<[]>;
  timer1Start(): void;
  t2Start(): void;
  setState(state: number): void;
  readonly associationState: number;
  readonly reconfigQueue: number[];
  readonly advertisedRwnd: number;
  readonly sackMisOrdered: ReadonlySet<number>;
}

/** What {@link WeriftSctp} takes. */
export interface WeriftSctpOptions {
  readonly localPort: number;
  readonly remotePort: number;
  readonly maxMessageSize: number;
  readonly initiates: boolean;
  readonly logger: Logger;
  send(packet: Buffer): void;
  /** Asked before the peer's channel exists; a refused one is reset. */
  acceptsChannel(): boolean;
  /** The peer has opened a channel. */
  onChannel(label: string, stream: ChannelStream): void;
  onOversized(): void;
  /** The association has ended; all channels are closed. */
  onClosed(): void;
}

/**
 * The SCTP association of werift 0.25.2, and the only file that reads its internals:
 * promises that werift lets go are caught, and after `close` no timer and no packet is left.
 */
export class WeriftSctp {
  readonly #options: WeriftSctpOptions;
  readonly #transport: RTCSctpTransport;
  readonly #internals: TransportInternals;
  readonly #association: AssociationInternals;
  readonly #dtls;
  #established = false;
  #closed = false;

  constructor(options: WeriftSctpOptions) {
    this.#options = options;
    this.#dtls = {
      id: 'sluice',
      // werift sends the INIT when it is the controlling ICE agent.
      iceTransport: { role: options.initiates ? 'controlling' : 'controlled' },
      state: 'connected',
      onStateChange: new Event<[state: 'closed']>(),
      dataReceiver: (_packet: Buffer): void => undefined,
      sendData: async (packet: Buffer): Promise<void> => options.send(packet),
    };
    this.#transport = new RTCSctpTransport(options.localPort, options.maxMessageSize);
    this.#internals = this.#transport as unknown as TransportInternals;
    this.#guardReceive();
    this.#transport.setDtlsTransport(this.#dtls as unknown as DtlsTransport);
    this.#association = this.#transport.sctp as unknown as AssociationInternals;
    this.#catchRejections();
    this.#flushOneAtATime();
    // Limits are the sender's to keep; the caller does, and counts.
    this.#transport.setRemoteMaxMessageSize(0);
    this.#transport.onDataChannel.subscribe((channel) => this.#onRemoteChannel(channel));
    this.#transport.sctp.stateChanged.connected.subscribe(() => {
      this.#established = true;
    });
    this.#transport.sctp.stateChanged.closed.subscribe(() => this.#ended());
  }

  start(): void {
    this.#transport.start(this.#options.remotePort).catch((error: unknown) => this.#log(error));
  }

  /** Takes a packet that is sound; resolves when werift is done with it. */
  async receive(packet: Buffer): Promise<void> {
    // RFC 9260 section 5.2.2: a late INIT must not reset the association, as it does in werift.
    if (this.#closed || (this.#established && isInit(packet))) return;
    await this.#association.handleData(packet);
    const { advertisedRwnd, sackMisOrdered } = this.#association;
    if (advertisedRwnd >= MIN_RECEIVE_WINDOW && sackMisOrdered.size <= MAX_MISORDERED_PACKETS) return;
    this.#options.logger.warn('The peer ignores the receive window of SCTP; its data channels are closed.');
    this.close();
  }

  /** Asks the peer for a channel on a stream that is not in use. */
  open(id: number, label: string): ChannelStream {
    const channel = new RTCDataChannel(this.#transport, new RTCDataChannelParameters({ label, id }), false);
    // Not by werift's own hand: it counts the label's characters, not its bytes.
    this.#transport.dataChannels[id] = channel;
    this.#enqueue(channel, PAYLOAD_PROTOCOL.dcep, serializeOpen(label));
    return this.#streamOf(channel);
  }

  /** Stream ids in use. */
  get ids(): ReadonlySet<number> {
    return new Set(Object.keys(this.#transport.dataChannels).map(Number));
  }

  /** How many streams both sides have in each direction; all that there can be, until it is agreed. */
  get maxStreams(): number {
    return this.#transport.sctp.maxChannels ?? MAX_STREAMS;
  }

  close(): void {
    if (this.#closed) return;
    this.#transport.sctp.abort().catch((error: unknown) => this.#log(error));
    this.#dtls.onStateChange.execute('closed');
    this.#ended();
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    // A packet that werift is still busy with must not bring the association or its timers back.
    this.#association.setState = () => undefined;
    this.#association.timer1Start = () => undefined;
    this.#association.t2Start = () => undefined;
    this.#options.onClosed();
  }

  /** Wraps werift's receiver, before it is subscribed, with the checks that it lacks. */
  #guardReceive(): void {
    const receive = this.#internals.datachannelReceive;
    this.#internals.datachannelReceive = async (streamId, payloadProtocol, message) => {
      const isNew = this.#transport.dataChannels[streamId] === undefined;
      if (isNew && isOpen(payloadProtocol, message) && !this.#options.acceptsChannel()) {
        this.#association.reconfigQueue.push(streamId);
        await this.#association.transmitReconfigRequest();
      } else if (message.length > this.#options.maxMessageSize) {
        this.#options.onOversized();
      } else {
        await receive(streamId, payloadProtocol, message).catch((error: unknown) => this.#log(error));
      }
    };
  }

  /** werift calls these without waiting; a rejection would end the process. */
  #catchRejections(): void {
    const caught = <A extends unknown[]>(owner: object, method: AsyncMethod<A>): AsyncMethod<A> => {
      const bound = method.bind(owner);
      return (...args) => bound(...args).catch((error: unknown) => this.#log(error));
    };
    this.#internals.dataChannelFlush = caught(this.#transport, this.#internals.dataChannelFlush);
    const association = this.#association;
    association.handleData = caught(association, association.handleData);
    association.transmit = caught(association, association.transmit);
    association.transmitReconfigRequest = caught(association, association.transmitReconfigRequest);
  }

  /** werift begins a flush for each message, and every one of them wakes up whenever some packet has gone. */
  #flushOneAtATime(): void {
    const flush = this.#internals.dataChannelFlush;
    let isFlushing = false;
    this.#internals.dataChannelFlush = async () => {
      if (isFlushing) return;
      isFlushing = true;
      // Again, for what was queued while the flush ended.
      while (this.#internals.dataChannelQueue.length > 0 && this.#association.associationState === ESTABLISHED) await flush();
      isFlushing = false;
    };
  }

  /** Told on once it is open, so that it can be sent on right away. */
  #onRemoteChannel(channel: RTCDataChannel): void {
    channel.stateChanged.once(() => {
      if (channel.readyState === 'open') this.#options.onChannel(channel.label, this.#streamOf(channel));
    });
  }

  #streamOf(channel: RTCDataChannel): ChannelStream {
    const internals = this.#internals;
    return {
      get waitingMessages() {
        return internals.dataChannelQueue.length;
      },
      get bufferedAmount() {
        return channel.bufferedAmount;
      },
      attach(events) {
        channel.onMessage.subscribe((message) => events.received(plainMessage(message)));
        channel.stateChanged.subscribe((state) => {
          if (state === 'open') events.opened();
          if (state === 'closed') events.closed();
        });
        if (channel.readyState === 'open') events.opened();
      },
      send: (message) => this.#sendMessage(channel, message),
      close: () => channel.close(),
    };
  }

  #sendMessage(channel: RTCDataChannel, message: DataMessage): void {
    const isText = typeof message === 'string';
    // RFC 8831 section 6.6: an empty message is one zero byte under a protocol id of its own, which werift cannot send.
    const [payloadProtocol, bytes] =
      message.length === 0
        ? [isText ? PAYLOAD_PROTOCOL.stringEmpty : PAYLOAD_PROTOCOL.binaryEmpty, Buffer.of(0)]
        : [isText ? PAYLOAD_PROTOCOL.string : PAYLOAD_PROTOCOL.binary, Buffer.from(message)];
    channel.addBufferedAmount(bytes.length);
    this.#enqueue(channel, payloadProtocol, bytes);
  }

  #enqueue(channel: RTCDataChannel, payloadProtocol: number, bytes: Buffer): void {
    this.#internals.dataChannelQueue.push([channel, payloadProtocol, bytes]);
    void this.#internals.dataChannelFlush();
  }

  #log(error: unknown): void {
    this.#options.logger.debug({ error }, 'werift refused something of SCTP.');
  }
}

/** Binary messages of werift are Buffers, whose methods differ from Uint8Array's. */
function plainMessage(message: string | Buffer): DataMessage {
  if (typeof message === 'string') return message;
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
}
