import { X509Certificate } from 'node:crypto';
import { type Clock, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { DtlsClient, DtlsServer, HashAlgorithm, SignatureAlgorithm } from 'werift';
import { vi } from 'vitest';
import { DtlsAssociation, type DtlsCertificate, type DtlsFingerprint, type DtlsRole, type SrtpKeys } from './index.ts';
import { CONTENT_TYPE, DTLS_1_2, parseRecords, serializeRecord } from './record.ts';

/** One end of a virtual wire. */
export interface Peer {
  /** Where what the peer sends goes; set by {@link link}. */
  output: (datagram: Buffer) => void;
  receive(datagram: Buffer): void;
}

/** What the wire does to a datagram on its way. */
export type Tamper = (datagram: Buffer) => readonly Buffer[];

/** Puts a wire between two peers. */
export function link(a: Peer, b: Peer, tamper: { aToB?: Tamper; bToA?: Tamper } = {}): void {
  a.output = carrier(b, tamper.aToB);
  b.output = carrier(a, tamper.bToA);
}

function carrier(to: Peer, tamper: Tamper = (datagram) => [datagram]): (datagram: Buffer) => void {
  return (datagram) => {
    for (const changed of tamper(Buffer.from(datagram))) setImmediate(() => to.receive(changed));
  };
}

/** A peer made of the code under test. */
export class OurPeer implements Peer {
  output: (datagram: Buffer) => void = () => undefined;
  readonly association: DtlsAssociation;
  readonly sent: Buffer[] = [];
  readonly data: string[] = [];
  readonly closed: string[] = [];
  connects = 0;
  keys: SrtpKeys | undefined;

  constructor(options: {
    role: DtlsRole;
    certificate: DtlsCertificate;
    remoteFingerprints: readonly DtlsFingerprint[];
    clock?: Clock;
    handshakeTimeoutMs?: number;
  }) {
    this.association = new DtlsAssociation({
      clock: new FakeClock(),
      logger: silentLogger,
      ...options,
      send: (datagram) => {
        this.sent.push(Buffer.from(datagram));
        this.output(datagram);
      },
      onConnected: (keys) => {
        this.connects += 1;
        this.keys = keys;
      },
      onData: (data) => this.data.push(data.toString()),
      onClosed: (reason) => this.closed.push(reason),
    });
  }

  receive(datagram: Buffer): void {
    this.association.receive(datagram);
  }
}

/** werift as it is. */
export class StockPeer implements Peer {
  output: (datagram: Buffer) => void = () => undefined;
  readonly socket: DtlsServer | DtlsClient;
  readonly sent: Buffer[] = [];
  readonly data: string[] = [];
  connects = 0;
  closes = 0;
  #stopped = false;
  readonly #transport;

  constructor(role: DtlsRole, certificate: DtlsCertificate, srtpProfiles: (1 | 7)[] = [7, 1], extendedMasterSecret = true) {
    this.#transport = {
      type: 'udp',
      address: { address: '127.0.0.1', port: 1, family: 'IPv4' },
      closed: false,
      onData: (_data: Buffer, _from: readonly [string, number]): void => undefined,
      send: async (datagram: Buffer): Promise<void> => {
        this.sent.push(Buffer.from(datagram));
        if (!this.#stopped) this.output(datagram);
      },
      close: async (): Promise<void> => undefined,
    };
    const options = {
      cert: certificatePem(certificate),
      key: privateKeyPem(certificate),
      signatureHash: { signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 },
      transport: this.#transport,
      srtpProfiles,
      extendedMasterSecret,
      certificateRequest: role === 'server',
    };
    this.socket = role === 'server' ? new DtlsServer(options) : new DtlsClient(options);
    this.socket.onConnect.subscribe(() => {
      this.connects += 1;
    });
    this.socket.onClose.subscribe(() => {
      this.closes += 1;
    });
    this.socket.onData.subscribe((data) => this.data.push(data.toString()));
  }

  /** Starts the handshake of a client. */
  connect(): void {
    if (this.socket instanceof DtlsClient) this.socket.connect().catch(() => undefined);
  }

  receive(datagram: Buffer): void {
    this.#transport.onData(datagram, ['127.0.0.1', 1]);
  }

  send(text: string): void {
    void this.socket.send(Buffer.from(text));
  }

  /** A record under the association's keys, with any content type and epoch. */
  seal(contentType: number, content: Buffer, epoch = 1): Buffer {
    const { cipher, dtls, sessionType } = this.socket;
    const sequence = ++dtls.recordSequenceNumber;
    const header = { type: contentType, version: DTLS_1_2, epoch, sequenceNumber: sequence };
    const fragment = cipher.cipher.encrypt(sessionType, content, header);
    return serializeRecord({ contentType, version: DTLS_1_2, epoch, sequence, fragment });
  }

  /** Ends werift's retransmissions. */
  stop(): void {
    this.#stopped = true;
    this.socket.dtls.flight = Number.MAX_SAFE_INTEGER;
  }
}

/** For peers that read PEM. */
export function certificatePem({ der }: DtlsCertificate): string {
  return new X509Certificate(der).toString();
}

/** The key to it. */
export function privateKeyPem({ privateKey }: DtlsCertificate): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

/** The certificate of one with the key of another: what somebody has who only knows the certificate. */
export function stolen(certificate: DtlsCertificate, thief: DtlsCertificate): DtlsCertificate {
  return { ...certificate, privateKey: thief.privateKey };
}

/** A record in the clear. */
export function plaintextRecord(contentType: number, content: Buffer): Buffer {
  return serializeRecord({ contentType, version: DTLS_1_2, epoch: 0, sequence: 77, fragment: content });
}

/** Whether a datagram has an encrypted handshake record, in this handshake a Finished. */
export function isFinished(datagram: Buffer): boolean {
  return parseRecords(datagram).records.some(({ contentType, epoch }) => contentType === CONTENT_TYPE.handshake && epoch === 1);
}

/** Polls until `check` does not throw. */
export function eventually(check: () => void, timeoutMs = 5000): Promise<void> {
  return vi.waitFor(check, { timeout: timeoutMs, interval: 5 });
}
