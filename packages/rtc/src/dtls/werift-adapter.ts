import type { Logger } from '@sluice/core';
import { DtlsClient, DtlsServer } from 'werift';
import type { DtlsCertificate } from './certificate.ts';
import { type HandshakeMessage, serializeHandshake } from './handshake-message.ts';
import type { HandshakeState } from './handshake-verifier.ts';
import type { RecordCipher } from './record-reader.ts';
import { DTLS_1_2, type DtlsRecord, parseRecords, serializeRecord } from './record.ts';

/** Our part in the handshake; the client speaks first. */
export type DtlsRole = 'server' | 'client';

/** Keys of DTLS-SRTP (RFC 5764 section 4.2). */
export interface SrtpKeys {
  /** 7 = AEAD_AES_128_GCM, 1 = AES128_CM_HMAC_SHA1_80. */
  readonly profileId: 1 | 7;
  readonly localKey: Buffer;
  readonly localSalt: Buffer;
  readonly remoteKey: Buffer;
  readonly remoteSalt: Buffer;
}

/** In order of preference. */
const SRTP_PROFILES: (1 | 7)[] = [7, 1];
const SRTP_KEY_LENGTH = 16;
const SRTP_SALT_LENGTH = { 1: 14, 7: 12 } as const;
/** Beyond every flight number, so that loops which wait for the next flight end. */
const AFTER_LAST_FLIGHT = Number.MAX_SAFE_INTEGER;

type WeriftTransport = ConstructorParameters<typeof DtlsServer>[0]['transport'];

/** What {@link WeriftDtls} takes. */
export interface WeriftDtlsOptions {
  readonly role: DtlsRole;
  readonly certificate: DtlsCertificate;
  readonly logger: Logger;
  send(datagram: Buffer): void;
  onHandshakeDone(): void;
  onError(error: unknown): void;
}

/**
 * The handshake's state machine and record cipher of werift 0.25.2, and the only file that
 * reads their internals. werift gets whole handshake messages, in order and already checked,
 * and never a record from the network: what it does with those is why the checks exist.
 */
export class WeriftDtls implements HandshakeState, RecordCipher {
  readonly #socket: DtlsServer | DtlsClient;
  readonly #options: WeriftDtlsOptions;
  /** werift sets `onData` of its transport to its own receiver. */
  readonly #transport: WeriftTransport;
  /**
   * werift counts records from 0 again after its Finished, which had a higher number. Number and key
   * are the nonce of AES-GCM, which must never come twice (RFC 5288 section 3).
   */
  #lastEncrypted = -1;
  #stopped = false;

  constructor(options: WeriftDtlsOptions) {
    this.#options = options;
    this.#transport = {
      type: 'udp',
      address: { address: '0.0.0.0', port: 0, family: 'IPv4' },
      closed: false,
      onData: () => undefined,
      send: async (datagram) => this.#send(datagram),
      close: async () => undefined,
    };
    const { certificate } = options;
    const weriftOptions = {
      cert: certificate.certPem,
      key: certificate.privateKeyPem,
      signatureHash: certificate.signatureHash,
      transport: this.#transport,
      srtpProfiles: SRTP_PROFILES,
      extendedMasterSecret: true,
      certificateRequest: options.role === 'server',
    };
    this.#socket = options.role === 'server' ? new DtlsServer(weriftOptions) : new DtlsClient(weriftOptions);
    this.#socket.onConnect.once(() => {
      if (!this.#stopped) options.onHandshakeDone();
    });
    this.#socket.onError.subscribe((error) => this.#report(error));
  }

  /** Sends the ClientHello, when we are the client. */
  connect(): void {
    if (!(this.#socket instanceof DtlsClient)) return;
    this.#socket.connect().catch((error: unknown) => this.#report(error));
  }

  /** Lets werift go on with a message that was checked. Its answer comes in this turn of the event loop. */
  deliver(message: HandshakeMessage): void {
    this.#transport.onData(serializeHandshake(message), ['0.0.0.0', 0]);
  }

  /** Sends our last flight once more, as it was. */
  resendLastFlight(): void {
    for (const datagram of this.#socket.dtls.lastMessage) this.#send(datagram);
  }

  transcript(): Buffer {
    return Buffer.concat(this.#socket.dtls.sortedHandshakeCache.map((message) => message.serialize()));
  }

  clientRandom(): Buffer {
    const { localRandom, remoteRandom } = this.#socket.cipher;
    return (this.#options.role === 'client' ? localRandom : remoteRandom).serialize();
  }

  masterSecret(): Buffer {
    return this.#socket.cipher.masterSecret;
  }

  /** Whether keys exist for records of epoch 1. */
  get hasKeys(): boolean {
    return this.#socket.cipher.cipher !== undefined;
  }

  /** The plaintext of a record of epoch 1; undefined when it is not the peer's. */
  open(record: DtlsRecord): Buffer | undefined {
    const { contentType: type, version, epoch, sequence: sequenceNumber } = record;
    try {
      return this.#socket.cipher.cipher.decrypt(this.#socket.sessionType, record.fragment, {
        type,
        version,
        epoch,
        sequenceNumber,
      });
    } catch {
      return undefined;
    }
  }

  /** Sends a record in our current epoch: encrypted from our Finished on, in the clear before. */
  sendRecord(contentType: number, plaintext: Buffer): void {
    const { dtls, cipher, sessionType } = this.#socket;
    const { epoch } = dtls;
    const sequence = epoch === 0 ? ++dtls.recordSequenceNumber : this.#lastEncrypted + 1;
    const header = { type: contentType, version: DTLS_1_2, epoch, sequenceNumber: sequence };
    const fragment = epoch === 0 ? plaintext : cipher.cipher.encrypt(sessionType, plaintext, header);
    this.#send(serializeRecord({ contentType, version: DTLS_1_2, epoch, sequence, fragment }));
  }

  /** Undefined when the peer and we have no SRTP profile in common, as in sessions with data channels only. */
  srtpKeys(): SrtpKeys | undefined {
    const profileId = SRTP_PROFILES.find((profile) => profile === this.#socket.srtp.srtpProfile);
    if (profileId === undefined) return undefined;
    return { profileId, ...this.#socket.extractSessionKeys(SRTP_KEY_LENGTH, SRTP_SALT_LENGTH[profileId]) };
  }

  /** Nothing is sent or reported from here on. */
  stop(): void {
    this.#stopped = true;
    // Retransmission timers of werift cannot be cancelled; this ends their loop at the next one, instead of after 33 s.
    this.#socket.dtls.flight = AFTER_LAST_FLIGHT;
  }

  #send(datagram: Buffer): void {
    if (this.#stopped) return;
    this.#noteSequence(datagram);
    try {
      this.#options.send(datagram);
    } catch (error) {
      this.#options.logger.warn({ error }, 'A DTLS datagram could not be sent; it will be retransmitted.');
    }
  }

  #noteSequence(datagram: Buffer): void {
    for (const { epoch, sequence } of parseRecords(datagram).records) {
      if (epoch === 1) this.#lastEncrypted = Math.max(this.#lastEncrypted, sequence);
    }
  }

  #report(error: unknown): void {
    if (!this.#stopped) this.#options.onError(error);
  }
}
