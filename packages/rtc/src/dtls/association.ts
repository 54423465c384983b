import type { Clock, Logger, Undo } from '@sluice/core';
import { ALERT, ALERT_LEVEL, alertName, parseAlert, serializeAlert } from './alert.ts';
import type { DtlsCertificate } from './certificate.ts';
import type { DtlsFingerprint } from './fingerprint.ts';
import { HANDSHAKE_TYPE, type HandshakeMessage } from './handshake-message.ts';
import { HandshakeReassembler } from './handshake-reassembly.ts';
import { type HandshakeFailure, HandshakeVerifier } from './handshake-verifier.ts';
import { type DtlsDropReason, type RecordOrigin, RecordReader } from './record-reader.ts';
import { CONTENT_TYPE, MAX_RECORD_PLAINTEXT } from './record.ts';
import { type DtlsRole, type SrtpKeys, WeriftDtls } from './werift-adapter.ts';

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 30_000;
/** A peer under heavy loss repeats a flight about ten times. */
const MAX_RETRANSMISSION_ANSWERS = 64;

/** What {@link DtlsAssociation} takes. */
export interface DtlsAssociationOptions {
  readonly certificate: DtlsCertificate;
  readonly role: DtlsRole;
  /** From the peer's SDP; its certificate must have one of them. */
  readonly remoteFingerprints: readonly DtlsFingerprint[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** From `start` until the handshake is given up, milliseconds. Default 30,000. */
  readonly handshakeTimeoutMs?: number | undefined;
  send(datagram: Buffer): void;
  /** The peer is who its SDP says. Without keys when no SRTP profile was negotiated, as with data channels only. */
  onConnected(keys: SrtpKeys | undefined): void;
  onData(data: Buffer): void;
  /** At most once: failure, deadline, fatal alert or close_notify; not after `close`. */
  onClosed(reason: string): void;
}

/**
 * One DTLS 1.2 association (RFC 6347) with a peer that is known by its fingerprint.
 * Whatever datagrams come, it never throws, and once connected only the peer can close it.
 */
export class DtlsAssociation {
  readonly #options: DtlsAssociationOptions;
  readonly #werift: WeriftDtls;
  readonly #records: RecordReader;
  readonly #reassembler: HandshakeReassembler;
  readonly #verifier: HandshakeVerifier;
  readonly #dropped: Partial<Record<DtlsDropReason, number>> = {};
  #state: 'handshake' | 'connected' | 'closed' = 'handshake';
  #started = false;
  #peerHasSpoken = false;
  #retransmissionAnswers = 0;
  #forgeableAlert: string | undefined;
  #cancelDeadline: Undo = () => undefined;

  constructor(options: DtlsAssociationOptions) {
    this.#options = options;
    this.#werift = new WeriftDtls({
      role: options.role,
      certificate: options.certificate,
      logger: options.logger,
      send: (datagram) => options.send(datagram),
      onHandshakeDone: () => this.#connected(),
      onError: (error) => this.#weriftFailed(error),
    });
    this.#records = new RecordReader(this.#werift, {
      onHandshake: (content, origin) => this.#onHandshake(content, origin),
      onAlert: (content, origin) => this.#onAlert(content, origin),
      onData: (content) => options.onData(content),
      onDropped: (reason) => this.#drop(reason),
    });
    this.#reassembler = new HandshakeReassembler({
      onMessage: (message) => this.#onHandshakeMessage(message),
      onRetransmission: (message) => this.#answerRetransmission(message),
    });
    const peer = options.role === 'server' ? 'client' : 'server';
    this.#verifier = new HandshakeVerifier(peer, options.remoteFingerprints, this.#werift);
  }

  /** Whether application data can be sent. */
  get connected(): boolean {
    return this.#state === 'connected';
  }

  /** What was dropped, by reason: records of the peer, and data that could not be sent. */
  get dropped(): Readonly<Partial<Record<DtlsDropReason, number>>> {
    return this.#dropped;
  }

  /** Starts the deadline, and as client the handshake, once datagrams can be sent. Idempotent. */
  start(): void {
    if (this.#started || this.#state !== 'handshake') return;
    this.#started = true;
    const timeoutMs = this.#options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
    this.#cancelDeadline = this.#options.clock.setTimeout(() => this.#deadlinePassed(timeoutMs), timeoutMs);
    this.#werift.connect();
  }

  /** Takes a datagram from the peer's address. */
  receive(datagram: Buffer): void {
    if (this.#state === 'closed') return;
    this.#peerHasSpoken = true;
    this.#records.receive(datagram);
  }

  /** Sends application data, at most 16,384 bytes; dropped and counted before the handshake is done. */
  sendData(data: Buffer): void {
    if (this.#state !== 'connected' || data.length > MAX_RECORD_PLAINTEXT) {
      this.#drop('unsendable');
      return;
    }
    this.#werift.sendRecord(CONTENT_TYPE.applicationData, data);
  }

  /**
   * Tells the peer and sends nothing more. Idempotent.
   * @param options.fatal a browser's connectionState turns `failed` at once, where close_notify leaves it `connected`
   */
  close(options: { readonly fatal?: boolean } = {}): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'connected' && !options.fatal) this.#sendAlert(ALERT_LEVEL.warning, ALERT.close_notify);
    else this.#sendAlert(ALERT_LEVEL.fatal, ALERT.user_canceled);
    this.#end();
  }

  #onHandshake(content: Buffer, origin: RecordOrigin): void {
    if (!this.#reassembler.push(content, origin)) this.#drop('malformed');
  }

  #onHandshakeMessage(message: HandshakeMessage): void {
    if (this.#state !== 'handshake') {
      this.#drop('unexpected');
      return;
    }
    const failure = this.#verifier.check(message);
    if (failure !== undefined) {
      this.#fail(failure);
      return;
    }
    this.#werift.deliver(message);
    if (message.type === HANDSHAKE_TYPE.clientKeyExchange) this.#records.keysReady();
  }

  /** The peer lacks our last flight (RFC 6347 section 4.2.4), be it the one with our Finished. */
  #answerRetransmission(message: HandshakeMessage): void {
    if (this.#retransmissionAnswers >= MAX_RETRANSMISSION_ANSWERS) {
      this.#drop('overflow');
      return;
    }
    this.#retransmissionAnswers += 1;
    const isFirstHello = message.type === HANDSHAKE_TYPE.clientHello && message.sequence === 0;
    if (isFirstHello) this.#werift.deliver(message);
    else if (endsFlight(message.type, this.#options.role)) this.#werift.resendLastFlight();
  }

  #onAlert(content: Buffer, origin: RecordOrigin): void {
    const alert = parseAlert(content);
    if (alert === undefined) {
      this.#drop('malformed');
    } else if (origin === 'anybody') {
      this.#drop('unauthenticated');
      this.#forgeableAlert = alertName(alert);
    } else if (alert.level === ALERT_LEVEL.fatal) {
      this.#endWith(`the peer has ended the DTLS association with the fatal alert ${alertName(alert)}`);
    } else if (alert.description === ALERT.close_notify) {
      // RFC 5246 section 7.2.1: answer in kind.
      this.#sendAlert(ALERT_LEVEL.warning, ALERT.close_notify);
      this.#endWith('the peer has closed the DTLS association (close_notify)');
    } else {
      this.#options.logger.debug({ alert: alertName(alert) }, 'The peer sent a DTLS warning.');
    }
  }

  #connected(): void {
    if (this.#state !== 'handshake') return;
    this.#state = 'connected';
    this.#cancelDeadline();
    this.#options.onConnected(this.#werift.srtpKeys());
    this.#records.connected();
  }

  #deadlinePassed(timeoutMs: number): void {
    const alert = this.#forgeableAlert;
    const hint = alert === undefined ? '' : `; somebody sent the alert ${alert} in the clear, probably the peer`;
    this.#fail({ reason: `it was not done within ${timeoutMs} ms${hint}`, alert: ALERT.user_canceled });
  }

  #weriftFailed(error: unknown): void {
    if (this.#state !== 'handshake') {
      this.#options.logger.debug({ error }, 'werift reported an error after the DTLS handshake.');
      return;
    }
    const text = error instanceof Error ? error.message : String(error);
    this.#fail({ reason: text === '' ? 'no common parameters' : text, alert: ALERT.handshake_failure });
  }

  #fail({ reason, alert }: HandshakeFailure): void {
    if (this.#state === 'closed') return;
    this.#sendAlert(ALERT_LEVEL.fatal, alert);
    this.#endWith(`the DTLS handshake failed: ${reason}`);
  }

  /** In the clear until our Finished is out; to a peer that nobody has heard of, not at all. */
  #sendAlert(level: number, description: number): void {
    if (!this.#peerHasSpoken) return;
    this.#werift.sendRecord(CONTENT_TYPE.alert, serializeAlert({ level, description }));
  }

  #endWith(reason: string): void {
    this.#end();
    this.#options.onClosed(reason);
  }

  #end(): void {
    this.#state = 'closed';
    this.#cancelDeadline();
    this.#records.stop();
    this.#werift.stop();
  }

  #drop(reason: DtlsDropReason): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }
}

function endsFlight(type: number, role: DtlsRole): boolean {
  if (role === 'client') return type === HANDSHAKE_TYPE.serverHelloDone;
  return type === HANDSHAKE_TYPE.clientHello || type === HANDSHAKE_TYPE.finished;
}
