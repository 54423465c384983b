import { DtlsClient, DtlsServer, RTCDtlsTransport } from 'werift';
import { PROFILES, type ProfileName } from './profiles.ts';

const SRTP_KEY_LENGTH = 16;

/** Master keys and salts of DTLS-SRTP (RFC 5764 section 4.2). */
export interface SrtpKeys {
  readonly localMasterKey: Buffer;
  readonly localMasterSalt: Buffer;
  readonly remoteMasterKey: Buffer;
  readonly remoteMasterSalt: Buffer;
}

/** What {@link startDtls} takes. */
export interface DtlsOptions {
  readonly role: 'client' | 'server';
  /** The only one that is offered or taken. */
  readonly profile: ProfileName;
  /** When a client may begin. */
  readonly ready: Promise<void>;
  readonly send: (datagram: Buffer) => void;
}

/** A handshake under way. */
export interface DtlsHandshake {
  readonly keys: Promise<SrtpKeys>;
  /** The last complaint of werift. It also makes one for a repeated message, after which the handshake goes on. */
  readonly lastError: unknown;
  receive(datagram: Buffer): void;
}

/** The certificate of all peers of this process. */
export const certificate = await RTCDtlsTransport.SetupCertificate();

/** Our side of a real handshake; the server's certificate is not looked at, because nobody else is on the loopback. */
export function startDtls({ role, profile, ready, send }: DtlsOptions): DtlsHandshake {
  const { id, saltLength } = PROFILES[profile];
  const transport = {
    type: 'udp',
    address: { address: '127.0.0.1', port: 0, family: 'IPv4' },
    closed: false,
    // The constructor below puts its own receiver here.
    onData: (_datagram: Buffer, _from: readonly [string, number]): void => undefined,
    send: async (datagram: Buffer): Promise<void> => send(datagram),
    close: async (): Promise<void> => undefined,
  };
  const { certPem: cert, privateKey: key, signatureHash } = certificate;
  const options = { cert, key, signatureHash, transport, srtpProfiles: [id], extendedMasterSecret: true, certificateRequest: role === 'server' };
  const socket = role === 'client' ? new DtlsClient(options) : new DtlsServer(options);
  let lastError: unknown;
  const noteError = (error: unknown): void => {
    lastError = error;
  };
  socket.onError.subscribe(noteError);
  const keys = new Promise<SrtpKeys>((resolve) => {
    socket.onConnect.once(() => {
      const { localKey, localSalt, remoteKey, remoteSalt } = socket.extractSessionKeys(SRTP_KEY_LENGTH, saltLength);
      resolve({ localMasterKey: localKey, localMasterSalt: localSalt, remoteMasterKey: remoteKey, remoteMasterSalt: remoteSalt });
    });
    if (socket instanceof DtlsClient) ready.then(() => socket.connect()).catch(noteError);
  });
  return {
    keys,
    get lastError() {
      return lastError;
    },
    receive: (datagram) => transport.onData(datagram, ['127.0.0.1', 0]),
  };
}
