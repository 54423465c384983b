import type { Clock, Logger, Undo } from '@sluice/core';
import { ALERT, ALERT_LEVEL, alertName, parseAlert, serializeAlert } from './alert.ts';
import type { DtlsCertificate } from './certificate.ts';
import type { DtlsFingerprint } from './fingerprint.ts';
import { FlightSender } from './flight-sender.ts';
import { ClientHandshake } from './handshake/client-handshake.ts';
import { HandshakeFailure } from './handshake/failure.ts';
import type { Handshake, HandshakeResult, HandshakeStep } from './handshake/handshake.ts';
import { HANDSHAKE_TYPE, type HandshakeMessage, handshakeTypeName } from './handshake/message.ts';
import { HandshakeReassembler } from './handshake/reassembly.ts';
import { ServerHandshake } from './handshake/server-handshake.ts';
import type { SrtpKeys } from './handshake/srtp-profiles.ts';
import { type DtlsDropReason, type RecordOrigin, RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';
import { CONTENT_TYPE, MAX_RECORD_PLAINTEXT } from './record.ts';

/** Our part in the handshake; the client speaks first. */
export type DtlsRole = 'server' | 'client';

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
  readonly #records: RecordReader;
  /** Until the handshake is done. */
  #reassembler: HandshakeReassembler | undefined;
  readonly #writer = new RecordWriter();
  readonly #flights: FlightSender;
  readonly #dropped: Partial<Record<DtlsDropReason, number>> = {};
  /** Until it is done. */
  #handshake: Handshake | undefined;
  #state: 'handshake' | 'connected' | 'closed' = 'handshake';
  #started = false;
  #peerHasSpoken = false;
  #retransmissionAnswers = 0;
  #forgeableAlert: string | undefined;
  #cancelDeadline: Undo | undefined;

  constructor(options: DtlsAssociationOptions) {
    this.#options = options;
    const { certificate, remoteFingerprints, role, clock } = options;
    this.#handshake = role === 'server' ? new ServerHandshake({ certificate, remoteFingerprints }) : new ClientHandshake({ certificate, remoteFingerprints });
    this.#flights = new FlightSender({ clock, writer: this.#writer, send: (datagram) => this.#send(datagram) });
    this.#records = new RecordReader({
      onHandshake: (content, origin) => this.#onHandshake(content, origin),
      onAlert: (content, origin) => this.#onAlert(content, origin),
      onData: (content) => options.onData(content),
      onDropped: (reason) => this.#drop(reason),
    });
    this.#reassembler = new HandshakeReassembler({
      onMessage: (message) => this.#onHandshakeMessage(message),
      onRetransmission: ({ type }) => this.#answerRetransmission(type),
    });
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
    if (this.#handshake) this.#take(this.#handshake.start());
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
    this.#sendRecord(CONTENT_TYPE.applicationData, data);
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
    if (this.#reassembler) {
      if (!this.#reassembler.push(content, origin)) this.#drop('malformed');
    } else if (content[0] === HANDSHAKE_TYPE.finished) {
      this.#answerRetransmission(HANDSHAKE_TYPE.finished);
    } else {
      // We do not renegotiate.
      this.#drop('unexpected');
    }
  }

  #onHandshakeMessage(message: HandshakeMessage): void {
    if (!this.#handshake) {
      this.#drop('unexpected');
      return;
    }
    try {
      this.#take(this.#handshake.receive(message));
    } catch (error) {
      this.#fail(reasonOf(error, message), error instanceof HandshakeFailure ? error.alert : ALERT.internal_error);
    }
  }

  #take({ cipher, flight, result }: HandshakeStep): void {
    if (cipher) this.#writer.cipher = cipher;
    if (flight) this.#flights.send(flight);
    if (result) this.#connected(result);
    if (cipher) this.#records.keysReady(cipher);
  }

  /** The peer lacks our last flight (RFC 6347 section 4.2.4), be it the one with our Finished. */
  #answerRetransmission(type: number): void {
    if (!endsFlight(type, this.#options.role)) return;
    if (this.#retransmissionAnswers >= MAX_RETRANSMISSION_ANSWERS) {
      this.#drop('overflow');
      return;
    }
    this.#retransmissionAnswers += 1;
    this.#flights.resend();
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

  #connected({ srtpKeys }: HandshakeResult): void {
    this.#state = 'connected';
    this.#handshake = undefined;
    this.#reassembler = undefined;
    this.#endDeadline();
    // The last flight is the server's, and may have to be sent again.
    if (this.#options.role === 'server') this.#flights.settle();
    else this.#flights.stop();
    this.#options.onConnected(srtpKeys);
    this.#records.connected();
  }

  /** A timer that is held keeps its task, long after it was cancelled. */
  #endDeadline(): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
  }

  #deadlinePassed(timeoutMs: number): void {
    const alert = this.#forgeableAlert;
    const hint = alert === undefined ? '' : `; somebody sent the alert ${alert} in the clear, probably the peer`;
    this.#fail(`it was not done within ${timeoutMs} ms${hint}`, ALERT.user_canceled);
  }

  #fail(reason: string, alert: number): void {
    if (this.#state === 'closed') return;
    this.#sendAlert(ALERT_LEVEL.fatal, alert);
    this.#endWith(`the DTLS handshake failed: ${reason}`);
  }

  /** In the clear until our Finished is out; to a peer that nobody has heard of, not at all. */
  #sendAlert(level: number, description: number): void {
    if (!this.#peerHasSpoken) return;
    this.#sendRecord(CONTENT_TYPE.alert, serializeAlert({ level, description }));
  }

  #sendRecord(contentType: number, content: Buffer): void {
    const record = this.#writer.write(contentType, this.#writer.epoch, content);
    if (record) this.#send(record);
  }

  #send(datagram: Buffer): void {
    try {
      this.#options.send(datagram);
    } catch (error) {
      this.#options.logger.warn({ error }, 'A DTLS datagram could not be sent.');
    }
  }

  #endWith(reason: string): void {
    this.#end();
    this.#options.onClosed(reason);
  }

  #end(): void {
    this.#state = 'closed';
    this.#endDeadline();
    this.#handshake = undefined;
    this.#records.stop();
    this.#flights.stop();
  }

  #drop(reason: DtlsDropReason): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }
}

function endsFlight(type: number, role: DtlsRole): boolean {
  if (role === 'client') return type === HANDSHAKE_TYPE.serverHelloDone;
  return type === HANDSHAKE_TYPE.clientHello || type === HANDSHAKE_TYPE.finished;
}

function reasonOf(error: unknown, { type }: HandshakeMessage): string {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof HandshakeFailure && error.alert !== ALERT.decode_error) return reason;
  return `the peer's ${handshakeTypeName(type)} is malformed: ${reason}`;
}
