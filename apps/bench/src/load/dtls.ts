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
  const keys = new Promise<SrtpKeys>((resolve, reject) => {
    socket.onError.subscribe(reject);
    socket.onConnect.once(() => {
      const { localKey, localSalt, remoteKey, remoteSalt } = socket.extractSessionKeys(SRTP_KEY_LENGTH, saltLength);
      resolve({ localMasterKey: localKey, localMasterSalt: localSalt, remoteMasterKey: remoteKey, remoteMasterSalt: remoteSalt });
    });
    if (socket instanceof DtlsClient) ready.then(() => socket.connect()).catch(reject);
  });
  return { keys, receive: (datagram) => transport.onData(datagram, ['127.0.0.1', 0]) };
}
