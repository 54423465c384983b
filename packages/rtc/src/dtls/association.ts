import type { Clock, Logger, Undo } from '@sluice/core';
import { ALERT, ALERT_LEVEL, alertName, parseAlert, serializeAlert } from './alert.ts';
import type { DtlsCertificate } from './certificate.ts';
import type { DtlsFingerprint } from './fingerprint.ts';
import { HANDSHAKE_TYPE, type HandshakeMessage } from './handshake-message.ts';
import { HandshakeReassembler } from './handshake-reassembly.ts';
import { type HandshakeFailure, HandshakeVerifier } from './handshake-verifier.ts';
import { CONTENT_TYPE, type DtlsRecord, MAX_RECORD_PLAINTEXT, parseRecords } from './record.ts';
import { ReplayWindow } from './replay-window.ts';
import { type DtlsRole, type SrtpKeys, WeriftDtls } from './werift-adapter.ts';

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 30_000;
/** Encrypted records that overtook the handshake; more are dropped, as if the network had lost them. */
const MAX_HELD_RECORDS = 16;
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

/** Why {@link DtlsAssociation} drops what it receives or is asked to send. */
export type DtlsDropReason =
  | 'malformed'
  | 'unauthenticated'
  | 'unexpected'
  | 'undecryptable'
  | 'replayed'
  | 'overflow'
  | 'unsendable';

/**
 * One DTLS 1.2 association (RFC 6347) with a peer that is known by its fingerprint.
 * Whatever datagrams come, it never throws, and once connected only the peer can close it.
 */
export class DtlsAssociation {
  readonly #options: DtlsAssociationOptions;
  readonly #werift: WeriftDtls;
  readonly #verifier: HandshakeVerifier;
  readonly #reassembler: HandshakeReassembler;
  readonly #replayWindow = new ReplayWindow();
  readonly #dropped: Partial<Record<DtlsDropReason, number>> = {};
  #state: 'handshake' | 'connected' | 'closed' = 'handshake';
  #heldRecords: DtlsRecord[] = [];
  #retransmissionAnswers = 0;
  #started = false;
  #peerHasSpoken = false;
  #plaintextAlert: string | undefined;
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
    const peer = options.role === 'server' ? 'client' : 'server';
    this.#verifier = new HandshakeVerifier(peer, options.remoteFingerprints, this.#werift);
    this.#reassembler = new HandshakeReassembler({
      onMessage: (message) => this.#onHandshakeMessage(message),
      onRetransmission: (message) => this.#answerRetransmission(message),
    });
  }

  /** Whether application data can be sent. */
  get connected(): boolean {
    return this.#state === 'connected';
  }

  /** Records and messages that were dropped, by reason. */
  get dropped(): Readonly<Partial<Record<DtlsDropReason, number>>> {
    return this.#dropped;
  }

  /** Starts the deadline, and as client the handshake. Call it once, when datagrams can be sent. */
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
    const { records, complete } = parseRecords(datagram);
    if (!complete) this.#drop('malformed');
    for (const record of records) this.#onRecord(record);
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
    if (this.#state === 'connected' && !options.fatal) {
      this.#sendAlert(ALERT_LEVEL.warning, ALERT.close_notify);
    } else {
      this.#sendAlert(ALERT_LEVEL.fatal, ALERT.user_canceled);
    }
    this.#end();
  }

  #onRecord(record: DtlsRecord): void {
    if (this.#state === 'closed') return;
    if (record.epoch === 0) this.#onPlaintextRecord(record);
    else if (record.epoch === 1) this.#onEncryptedRecord(record);
    else this.#drop('unexpected');
  }

  /** Anyone can forge these, so they may only bring the handshake on (RFC 6347 section 4.1.2.7). */
  #onPlaintextRecord({ contentType, fragment }: DtlsRecord): void {
    switch (contentType) {
      case CONTENT_TYPE.changeCipherSpec:
        return; // The epoch of the records that follow says the same.
      case CONTENT_TYPE.handshake:
        if (this.#state === 'connected') this.#drop('unauthenticated');
        else if (!this.#reassembler.push(fragment, 0)) this.#drop('malformed');
        return;
      case CONTENT_TYPE.alert:
        this.#notePlaintextAlert(fragment);
        return;
      case CONTENT_TYPE.applicationData:
        this.#drop('unauthenticated');
        return;
      default:
        this.#drop('unexpected');
    }
  }

  #notePlaintextAlert(fragment: Buffer): void {
    this.#drop('unauthenticated');
    const alert = parseAlert(fragment);
    if (alert !== undefined) this.#plaintextAlert = alertName(alert);
  }

  #onEncryptedRecord(record: DtlsRecord): void {
    const isData = record.contentType === CONTENT_TYPE.applicationData;
    if (!this.#werift.hasKeys || (isData && this.#state === 'handshake')) {
      this.#hold(record);
      return;
    }
    // A Finished may come again in the same record, and must be answered again.
    const checkReplay = record.contentType !== CONTENT_TYPE.handshake;
    if (checkReplay && !this.#replayWindow.isNew(record.sequence)) {
      this.#drop('replayed');
      return;
    }
    const plaintext = this.#werift.open(record);
    if (plaintext === undefined) {
      this.#drop('undecryptable');
      return;
    }
    if (checkReplay) this.#replayWindow.accept(record.sequence);
    this.#onPlaintext(record.contentType, plaintext);
  }

  #onPlaintext(contentType: number, plaintext: Buffer): void {
    switch (contentType) {
      case CONTENT_TYPE.applicationData:
        this.#options.onData(plaintext);
        return;
      case CONTENT_TYPE.alert:
        this.#onAlert(plaintext);
        return;
      case CONTENT_TYPE.handshake:
        if (!this.#reassembler.push(plaintext, 1)) this.#drop('malformed');
        return;
      default:
        this.#drop('unexpected');
    }
  }

  #hold(record: DtlsRecord): void {
    if (this.#heldRecords.length >= MAX_HELD_RECORDS) this.#drop('overflow');
    else this.#heldRecords.push({ ...record, fragment: Buffer.from(record.fragment) });
  }

  #releaseHeldRecords(): void {
    const records = this.#heldRecords;
    this.#heldRecords = [];
    for (const record of records) this.#onRecord(record);
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
    if (message.type === HANDSHAKE_TYPE.clientKeyExchange) this.#releaseHeldRecords();
  }

  /** The peer lacks our last flight (RFC 6347 section 4.2.4); after connecting that is our Finished. */
  #answerRetransmission(message: HandshakeMessage): void {
    if (this.#retransmissionAnswers >= MAX_RETRANSMISSION_ANSWERS) {
      this.#drop('overflow');
      return;
    }
    this.#retransmissionAnswers += 1;
    const { role } = this.#options;
    const startsHandshake = message.type === HANDSHAKE_TYPE.clientHello && message.sequence === 0;
    if (startsHandshake) this.#werift.deliver(message);
    else if (endsFlight(message.type, role)) this.#werift.resendLastFlight();
  }

  #onAlert(plaintext: Buffer): void {
    const alert = parseAlert(plaintext);
    if (alert === undefined) {
      this.#drop('malformed');
      return;
    }
    if (alert.description === ALERT.close_notify && alert.level !== ALERT_LEVEL.fatal) {
      // RFC 5246 section 7.2.1: answer in kind.
      this.#sendAlert(ALERT_LEVEL.warning, ALERT.close_notify);
      this.#endWith('the peer has closed the DTLS association (close_notify)');
    } else if (alert.level === ALERT_LEVEL.fatal) {
      this.#endWith(`the peer has ended the DTLS association with the fatal alert ${alertName(alert)}`);
    } else {
      this.#options.logger.debug({ alert: alertName(alert) }, 'The peer sent a DTLS warning.');
    }
  }

  #connected(): void {
    if (this.#state !== 'handshake') return;
    this.#state = 'connected';
    this.#cancelDeadline();
    this.#options.onConnected(this.#werift.srtpKeys());
    this.#releaseHeldRecords();
  }

  #deadlinePassed(timeoutMs: number): void {
    const alert = this.#plaintextAlert;
    const hint = alert === undefined ? '' : `; somebody sent the alert ${alert} in the clear, probably the peer`;
    this.#fail({
      reason: `it was not done within ${timeoutMs} ms${hint}`,
      alert: ALERT.user_canceled,
    });
  }

  #weriftFailed(error: unknown): void {
    if (this.#state !== 'handshake') {
      this.#options.logger.debug({ error }, 'werift reported an error after the DTLS handshake.');
      return;
    }
    const text = error instanceof Error ? error.message : String(error);
    const reason = text === '' ? 'no common parameters' : text;
    this.#fail({ reason, alert: ALERT.handshake_failure });
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
    this.#heldRecords = [];
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
