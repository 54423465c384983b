import type { CongestionController } from '../congestion/congestion-controller.ts';
import type { HeaderExtensionList } from '../rtp/rtp-header.ts';

/** 6.18 bits fixed point (abs-send-time). */
const SEND_TIME_UNITS_PER_MS = 2 ** 18 / 1000;

/** What {@link SendStamps} takes. */
export interface SendStampsOptions {
  /** Counts the packets and numbers them; undefined when it shall not know of them. */
  readonly congestion?: CongestionController | undefined;
  /** Extension ids; 0 = not to be written. */
  readonly transportCcId?: number | undefined;
  readonly absSendTimeId?: number | undefined;
}

/**
 * The header extensions that tell when a packet went out, and as which one of the whole transport. They differ each time
 * that a packet is sent, so that who has them must never send a packet again under the same SRTP index.
 */
export class SendStamps {
  readonly #congestion: CongestionController | undefined;
  readonly #transportCcId: number;
  readonly #absSendTimeId: number;
  readonly #sequenceNumber = new Uint8Array(2);
  readonly #sendTime = new Uint8Array(3);

  constructor({ congestion, transportCcId = 0, absSendTimeId = 0 }: SendStampsOptions = {}) {
    this.#congestion = congestion;
    this.#transportCcId = transportCcId;
    this.#absSendTimeId = absSendTimeId;
  }

  /** Whether anything is written into packets. */
  get isWritten(): boolean {
    return this.#transportCcId !== 0 || this.#absSendTimeId !== 0;
  }

  /** Takes their place in a header; {@link stamp} fills it. */
  addTo(extensions: HeaderExtensionList): void {
    if (this.#transportCcId !== 0) extensions.add(this.#transportCcId, this.#sequenceNumber);
    if (this.#absSendTimeId !== 0) extensions.add(this.#absSendTimeId, this.#sendTime);
  }

  /** Whether the path has room for another retransmission. */
  mayRetransmit(now: number): boolean {
    return this.#congestion?.mayRetransmit(now) ?? true;
  }

  /** A retransmission of so many bytes goes out now; call it before its header is written. */
  stampRetransmission(bytes: number, now: number): void {
    this.#congestion?.onRetransmitted(bytes);
    this.stamp(bytes, now);
  }

  /** A packet of so many bytes goes out now; call it before its header is written. */
  stamp(bytes: number, now: number): void {
    const sequenceNumber = this.#congestion?.onPacketSent(bytes, now) ?? 0;
    this.#sequenceNumber[0] = sequenceNumber >> 8;
    this.#sequenceNumber[1] = sequenceNumber;
    if (this.#absSendTimeId === 0) return;
    const sendTime = (now * SEND_TIME_UNITS_PER_MS) & 0xff_ffff;
    this.#sendTime[0] = sendTime >> 16;
    this.#sendTime[1] = sendTime >> 8;
    this.#sendTime[2] = sendTime;
  }
}
