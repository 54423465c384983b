import { randomBytes } from 'node:crypto';
import { Message, classes, methods, parseMessage } from 'werift';

const RETRY_MS = 50;
/** As often as Chromium; consent expires after 30 s (RFC 7675 section 5.1). */
const CONSENT_INTERVAL_MS = 2500;
const PRIORITY = 1_853_817_087;

/** What {@link IceClient} takes. */
export interface IceClientOptions {
  /** `remote:local` username fragments. */
  readonly username: string;
  readonly remotePassword: string;
  send(datagram: Buffer): void;
  /** Called once, at the first answer. */
  onConnected(): void;
}

/** The controlling side of ICE (RFC 8445) with one pair: checks and nominates it, then keeps consent. */
export class IceClient {
  readonly #options: IceClientOptions;
  readonly #tieBreaker = randomBytes(8).readBigUInt64BE();
  #timer: NodeJS.Timeout | undefined;
  #connected = false;

  constructor(options: IceClientOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#check(), RETRY_MS);
    this.#check();
  }

  receive(datagram: Buffer): void {
    const message = parseMessage(datagram);
    if (message?.messageClass !== classes.RESPONSE || this.#connected) return;
    this.#connected = true;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#check(), CONSENT_INTERVAL_MS);
    this.#options.onConnected();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const request = new Message(methods.BINDING, classes.REQUEST)
      .setAttribute('USERNAME', this.#options.username)
      .setAttribute('PRIORITY', PRIORITY)
      .setAttribute('ICE-CONTROLLING', this.#tieBreaker)
      .setAttribute('USE-CANDIDATE', null)
      .addMessageIntegrity(Buffer.from(this.#options.remotePassword))
      .addFingerprint();
    this.#options.send(request.bytes);
  }
}
