import { randomBytes, randomInt } from 'node:crypto';
import { SrtcpSession, SrtpSession } from 'werift';
import type { DatagramSocket, DatagramSockets } from './datagram-socket.ts';
import { type LocalParameters, type RemoteDescription, readDescription, writeAnswer, writeOffer } from './description.ts';
import { type DtlsHandshake, type SrtpKeys, certificate, startDtls } from './dtls.ts';
import { IceClient } from './ice-client.ts';
import { PROFILES, type ProfileName } from './profiles.ts';
import type { Exchange, Signalling } from './signalling.ts';

/** Discard: nobody listens there (RFC 863). */
const NO_PORT = 9;
const CONNECT_DEADLINE_MS = 20_000;

/** What {@link connectPeer} takes. */
export interface PeerOptions {
  readonly sockets: DatagramSockets;
  readonly signalling: Signalling;
  readonly stream: string;
  readonly role: 'publisher' | 'viewer';
  /** That everything runs on. */
  readonly address: string;
  readonly profile: ProfileName;
}

/** One connected peer of the load generator. */
export interface Peer {
  readonly ssrc: number;
  readonly remote: RemoteDescription;
  /** From the request until the other side's description was there, milliseconds. */
  readonly answerMs: number;
  /** From the request until DTLS was done, milliseconds. */
  readonly connectedMs: number;
  readonly srtp: SrtpSession;
  readonly srtcp: SrtcpSession;
  /** Take what comes, as it came; its memory is used again after the call. */
  onRtp: (datagram: Buffer) => void;
  onRtcp: (datagram: Buffer) => void;
  send(datagram: Buffer): void;
  /** Tells the server, and ends. */
  leave(): Promise<void>;
}

/**
 * Connects as a browser does, by signalling, ICE and DTLS-SRTP, and keeps consent.
 * @throws Error when the server refuses, or has not connected within 20 s
 */
export async function connectPeer(options: PeerOptions): Promise<Peer> {
  const { sockets, signalling, stream, role, address, profile } = options;
  const socket = await sockets.open();
  const local = localParameters(address, socket.port);
  try {
    const startedAt = performance.now();
    const exchange = await (role === 'publisher'
      ? signalling.publish(stream, describe('sendonly', local))
      : signalling.play(stream, describe('recvonly', local)));
    return await establish(socket, { exchange, local, profile, startedAt });
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Asks to play and stays away: how soon a server answers, without what a peer does afterwards. */
export async function askToPlay({ signalling, stream, address }: Pick<PeerOptions, 'signalling' | 'stream' | 'address'>): Promise<Exchange> {
  return signalling.play(stream, describe('recvonly', localParameters(address, NO_PORT)));
}

function localParameters(address: string, port: number): LocalParameters {
  return {
    usernameFragment: randomBytes(4).toString('hex'),
    password: randomBytes(16).toString('hex'),
    fingerprint: certificate.getFingerprints()[0]?.value ?? '',
    address,
    port,
    ssrc: randomInt(1, 2 ** 32 - 1),
  };
}

function describe(direction: 'sendonly' | 'recvonly', local: LocalParameters) {
  return { offer: () => writeOffer(direction, local), answer: (offer: string) => writeAnswer(offer, local) };
}

interface Establishment {
  readonly exchange: Exchange;
  readonly local: LocalParameters;
  readonly profile: ProfileName;
  readonly startedAt: number;
}

async function establish(socket: DatagramSocket, { exchange, local, profile, startedAt }: Establishment): Promise<Peer> {
  const remote = readDescription(exchange.remote, local.address);
  let isOpen = true;
  const send = (datagram: Buffer): void => {
    if (isOpen) socket.send(datagram, remote.port);
  };
  const selected = Promise.withResolvers<void>();
  const ice = new IceClient({
    role: exchange.offered ? 'controlling' : 'controlled',
    username: `${remote.usernameFragment}:${local.usernameFragment}`,
    remotePassword: remote.password,
    localPassword: local.password,
    remoteAddress: [local.address, remote.port],
    send,
    onConnected: selected.resolve,
  });
  // As DTLS client we speak once the address is verified; as server we only listen.
  const dtls = startDtls({ role: remote.dtlsRole, profile, send, ready: selected.promise });
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    ice.close();
    socket.close();
  };
  let peer: Peer | undefined;
  socket.onMessage = (datagram) => {
    const kind = kindOf(datagram);
    if (kind === 'rtp') peer?.onRtp(datagram);
    else if (kind === 'rtcp') peer?.onRtcp(datagram);
    // What keeps parts of a message gets one of its own.
    else if (kind === 'dtls') dtls.receive(Buffer.from(datagram));
    else if (kind === 'stun') ice.receive(Buffer.from(datagram));
  };
  ice.start();
  try {
    const srtpConfig = { keys: await keysInTime(dtls), profile: PROFILES[profile].id };
    peer = {
      ssrc: local.ssrc,
      remote,
      answerMs: exchange.answerMs,
      connectedMs: performance.now() - startedAt,
      srtp: new SrtpSession(srtpConfig),
      srtcp: new SrtcpSession(srtpConfig),
      onRtp: () => undefined,
      onRtcp: () => undefined,
      send,
      async leave() {
        await exchange.leave();
        close();
      },
    };
    return peer;
  } catch (error) {
    // The socket is closed by who has opened it.
    isOpen = false;
    ice.close();
    throw error;
  }
}

/** RFC 7983 section 7, and RFC 5761 section 4. */
function kindOf(datagram: Buffer): 'stun' | 'dtls' | 'rtp' | 'rtcp' | 'other' {
  const [first = 0, second = 0] = datagram;
  if (first >= 128 && first <= 191) return second >= 192 && second <= 223 ? 'rtcp' : 'rtp';
  if (first >= 20 && first <= 63) return 'dtls';
  return first <= 3 ? 'stun' : 'other';
}

async function keysInTime(dtls: DtlsHandshake): Promise<SrtpKeys> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`A peer was not connected within ${CONNECT_DEADLINE_MS} ms.`, { cause: dtls.lastError }));
  }, CONNECT_DEADLINE_MS);
  try {
    return await Promise.race([dtls.keys, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
