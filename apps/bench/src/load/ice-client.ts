import { randomBytes } from 'node:crypto';
import { Message, classes, methods, parseMessage } from 'werift';

const RETRY_MS = 50;
/** As often as Chromium; consent expires after 30 s (RFC 7675 section 5.1). */
const CONSENT_INTERVAL_MS = 2500;
const PRIORITY = 1_853_817_087;

/** What {@link IceClient} takes. */
export interface IceClientOptions {
  /** Who offers is controlling (RFC 8445 section 6.1.1). */
  readonly role: 'controlling' | 'controlled';
  /** `remote:local` username fragments. */
  readonly username: string;
  readonly remotePassword: string;
  readonly localPassword: string;
  readonly remoteAddress: readonly [address: string, port: number];
  send(datagram: Buffer): void;
  /** Called once, at the first answer. */
  onConnected(): void;
}

/** ICE (RFC 8445) with one pair: checks and nominates it, answers checks of a server that is no ICE-lite one, and keeps consent. */
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
    if (message?.messageClass === classes.REQUEST) this.#answer(message);
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
    const { role, username, remotePassword } = this.#options;
    const request = new Message(methods.BINDING, classes.REQUEST).setAttribute('USERNAME', username).setAttribute('PRIORITY', PRIORITY);
    if (role === 'controlling') request.setAttribute('ICE-CONTROLLING', this.#tieBreaker).setAttribute('USE-CANDIDATE', null);
    else request.setAttribute('ICE-CONTROLLED', this.#tieBreaker);
    this.#options.send(request.addMessageIntegrity(Buffer.from(remotePassword)).addFingerprint().bytes);
  }

  #answer({ transactionId }: Message): void {
    const { localPassword, remoteAddress } = this.#options;
    const response = new Message(methods.BINDING, classes.RESPONSE, transactionId).setAttribute('XOR-MAPPED-ADDRESS', remoteAddress);
    this.#options.send(response.addMessageIntegrity(Buffer.from(localPassword)).addFingerprint().bytes);
  }
}
