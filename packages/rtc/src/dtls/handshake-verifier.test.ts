import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { ALERT } from './alert.ts';
import { HANDSHAKE_TYPE } from './handshake-message.ts';
import { HandshakeVerifier } from './handshake-verifier.ts';
import { createDtlsCertificate } from './index.ts';

const { clientHello, serverHello, helloVerifyRequest, certificate, clientKeyExchange, serverHelloDone, finished } = HANDSHAKE_TYPE;
const theirs = await createDtlsCertificate();
const thief = await createDtlsCertificate();

function certificateMessage(pem: string): Buffer {
  const { raw } = new X509Certificate(pem);
  const message = Buffer.concat([Buffer.alloc(6), raw]);
  message.writeUIntBE(raw.length + 3, 0, 3);
  message.writeUIntBE(raw.length, 3, 3);
  return message;
}

function serverHelloMessage(changes: { version?: number; suite?: number; compression?: number } = {}): Buffer {
  const message = Buffer.alloc(38);
  message.writeUInt16BE(changes.version ?? 0xfefd, 0);
  message.writeUInt16BE(changes.suite ?? 0xc02b, 35);
  message.writeUInt8(changes.compression ?? 0, 37);
  return message;
}

const BODIES = new Map<number, Buffer>([
  [certificate, certificateMessage(theirs.certPem)],
  [serverHello, serverHelloMessage()],
]);

/** Feeds messages in order; gives the outcome of the last one. */
function outcomeOf(peer: 'client' | 'server', types: readonly number[], lastBody?: Buffer) {
  const state = { transcript: () => Buffer.alloc(0), masterSecret: () => Buffer.alloc(48), clientRandom: () => Buffer.alloc(32) };
  const verifier = new HandshakeVerifier(peer, [theirs.fingerprint], state);
  const outcomes = types.map((type, sequence) => {
    const isLast = sequence === types.length - 1;
    const body = (isLast ? lastBody : undefined) ?? BODIES.get(type) ?? Buffer.alloc(0);
    return verifier.check({ type, sequence, body });
  });
  expect(outcomes.slice(0, -1)).toEqual(types.slice(1).map(() => undefined));
  return outcomes.at(-1);
}

test.each([
  ['client', [clientHello, clientHello, certificate, clientKeyExchange]],
  ['server', [helloVerifyRequest, serverHello, certificate]],
  ['server', [serverHello, certificate]],
] as const)('a %s may send %j', (peer, types) => {
  expect(outcomeOf(peer, types)).toBeUndefined();
});

test.each([
  ['without its certificate', 'client', [clientHello, clientHello, clientKeyExchange]],
  ['without proof of its key', 'client', [clientHello, clientHello, certificate, clientKeyExchange, finished]],
  ['with a second certificate', 'client', [clientHello, clientHello, certificate, certificate]],
  ['with a third hello', 'client', [clientHello, clientHello, clientHello]],
  ['with a message of the other side', 'client', [clientHello, serverHello]],
  ['without its key exchange', 'server', [serverHello, certificate, serverHelloDone]],
  ['with a second hello', 'server', [serverHello, serverHello]],
  ['of no known type', 'server', [99]],
] as const)('a handshake %s is out of turn for a %s', (_what, peer, types) => {
  expect(outcomeOf(peer, types)).toMatchObject({ reason: expect.stringContaining('out of turn'), alert: ALERT.unexpected_message });
});

test.each([
  ['a version that is not DTLS 1.2', serverHelloMessage({ version: 0xfeff }), ALERT.protocol_version],
  ['a cipher suite without forward secrecy', serverHelloMessage({ suite: 0x009c }), ALERT.illegal_parameter],
  ['compression', serverHelloMessage({ compression: 1 }), ALERT.illegal_parameter],
  ['too few bytes', Buffer.alloc(10), ALERT.protocol_version],
  ['a session id that runs past the end', Buffer.concat([serverHelloMessage().subarray(0, 34), Buffer.from([200])]), ALERT.decode_error],
])('a ServerHello with %s is refused', (_what, body, alert) => {
  expect(outcomeOf('server', [serverHello], body)).toMatchObject({ alert });
});

test.each([
  ['of somebody else', certificateMessage(thief.certPem), ALERT.bad_certificate],
  ['that is empty', Buffer.alloc(3), ALERT.handshake_failure],
  ['that is cut off', Buffer.from([0, 1]), ALERT.decode_error],
])('a certificate %s is refused', (_what, body, alert) => {
  expect(outcomeOf('client', [clientHello, clientHello, certificate], body)).toMatchObject({ alert });
});
