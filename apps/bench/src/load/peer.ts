import { randomBytes, randomInt } from 'node:crypto';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { SrtcpSession, SrtpSession } from 'werift';
import { type Answer, readAnswer, writeOffer } from './description.ts';
import { type DtlsHandshake, type SrtpKeys, certificate, startDtls } from './dtls.ts';
import { IceClient } from './ice-client.ts';
import { PROFILES, type ProfileName } from './profiles.ts';

const LOOPBACK = '127.0.0.1';
const CONNECT_DEADLINE_MS = 20_000;
/** The kernel gives as much of it as net.core.rmem_max allows. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** What {@link connectPeer} takes. */
export interface PeerOptions {
  /** WHIP or WHEP endpoint. */
  readonly url: string;
  readonly direction: 'sendonly' | 'recvonly';
  readonly profile: ProfileName;
  /** Takes each SRTP packet as it came, without decryption. */
  readonly onRtp: (datagram: Buffer) => void;
}

/** One connected peer of the load generator. */
export interface Peer {
  readonly ssrc: number;
  /** From the POST of the offer until the answer was read. */
  readonly answerMs: number;
  readonly srtp: SrtpSession;
  readonly srtcp: SrtcpSession;
  send(datagram: Buffer): void;
  close(): void;
}

/**
 * Connects as a browser does, by HTTP, ICE and DTLS-SRTP, and keeps consent.
 * @throws Error when the server refuses, or has not connected within 20 s
 */
export async function connectPeer(options: PeerOptions): Promise<Peer> {
  const socket = await openSocket();
  const ssrc = randomInt(1, 2 ** 32 - 1);
  const usernameFragment = randomBytes(4).toString('hex');
  const password = randomBytes(16).toString('hex');
  const { port } = socket.address();
  const fingerprint = certificate.getFingerprints()[0]?.value ?? '';
  const offer = writeOffer({ direction: options.direction, usernameFragment, password, fingerprint, port, ssrc });
  try {
    const { answer, answerMs } = await negotiate(options.url, offer);
    const { keys, ice, send } = await connect(socket, options, answer, usernameFragment);
    const srtpConfig = { keys, profile: PROFILES[options.profile].id };
    return {
      ssrc,
      answerMs,
      srtp: new SrtpSession(srtpConfig),
      srtcp: new SrtcpSession(srtpConfig),
      send,
      close() {
        ice.close();
        socket.close();
      },
    };
  } catch (error) {
    socket.close();
    throw error;
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind({ address: LOOPBACK, port: 0 });
  await once(socket, 'listening');
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  return socket;
}

async function negotiate(url: string, offer: string): Promise<{ answer: Answer; answerMs: number }> {
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: offer,
    signal: AbortSignal.timeout(CONNECT_DEADLINE_MS),
  });
  const body = await response.text();
  const answerMs = performance.now() - startedAt;
  if (response.status !== 201) throw new Error(`POST ${url} was answered ${response.status} instead of 201: ${body}`);
  return { answer: readAnswer(body), answerMs };
}

async function connect(socket: Socket, { profile, onRtp }: PeerOptions, answer: Answer, usernameFragment: string) {
  const send = (datagram: Buffer): void => socket.send(datagram, answer.port, LOOPBACK);
  const selected = Promise.withResolvers<void>();
  const ice = new IceClient({
    username: `${answer.usernameFragment}:${usernameFragment}`,
    remotePassword: answer.password,
    send,
    onConnected: selected.resolve,
  });
  // As DTLS client we speak once the address is verified; as server we only listen.
  const dtls = startDtls({ role: answer.dtlsRole, profile, send, ready: selected.promise });
  socket.on('message', (datagram) => {
    const kind = kindOf(datagram);
    if (kind === 'rtp') onRtp(datagram);
    else if (kind === 'dtls') dtls.receive(datagram);
    else if (kind === 'stun') ice.receive(datagram);
  });
  ice.start();
  try {
    return { keys: await keysInTime(dtls), ice, send };
  } catch (error) {
    ice.close();
    throw error;
  }
}

/** RFC 7983 section 7, and RFC 5761 section 4 for RTCP, which nobody here reads. */
function kindOf(datagram: Buffer): 'stun' | 'dtls' | 'rtp' | 'other' {
  const [first = 0, second = 0] = datagram;
  if (first >= 128 && first <= 191) return second >= 192 && second <= 223 ? 'other' : 'rtp';
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
