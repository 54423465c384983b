import { expect, test } from 'vitest';
import { ALERT } from '../alert.ts';
import { createDtlsCertificate } from '../index.ts';
import { DTLS_1_2 } from '../record.ts';
import { uint16s, vector } from './byte-writer.ts';
import { writeCertificate } from './certificate-message.ts';
import { ClientHandshake } from './client-handshake.ts';
import type { FlightRecord } from './handshake.ts';
import { CIPHER_SUITE, EXTENSION, type Extensions, parseServerHello, writeClientHello, writeServerHello } from './hello.ts';
import { GROUP } from './key-agreement.ts';
import { HANDSHAKE_HEADER_LENGTH, HANDSHAKE_TYPE } from './message.ts';
import { ServerHandshake } from './server-handshake.ts';

const { clientHello, serverHello, helloVerifyRequest, certificate, serverKeyExchange, certificateRequest } = HANDSHAKE_TYPE;
const ours = await createDtlsCertificate();
const theirs = await createDtlsCertificate();
const thief = await createDtlsCertificate();
const options = { certificate: ours, remoteFingerprints: [theirs.fingerprint] };
const random = Buffer.alloc(32, 7);
const { ecdheEcdsa, ecdheRsa } = CIPHER_SUITE;

function clientHelloBody(changes: { version?: number; cipherSuites?: number[]; extensions?: Extensions } = {}): Buffer {
  return writeClientHello({ version: DTLS_1_2, random, cookie: Buffer.alloc(0), cipherSuites: [ecdheEcdsa], extensions: new Map(), ...changes });
}

function serverHelloBody(changes: { version?: number; cipherSuite?: number; extensions?: Extensions } = {}): Buffer {
  return writeServerHello({ version: DTLS_1_2, random, cipherSuite: ecdheEcdsa, extensions: new Map(), ...changes });
}

/** Feeds a client what its server sends, `[type, body]` in order. */
function toClient(...messages: readonly (readonly [number, Buffer])[]) {
  const client = new ClientHandshake(options);
  client.start();
  return messages.map(([type, body], sequence) => client.receive({ type, sequence, body })).at(-1);
}

/** The ServerHello that answers a ClientHello. */
function answerTo(body: Buffer) {
  const { flight } = new ServerHandshake(options).receive({ type: clientHello, sequence: 0, body });
  return parseServerHello(flight![0]!.content.subarray(HANDSHAKE_HEADER_LENGTH));
}

const withAlert = (alert: number) => expect.objectContaining({ alert });

test('a ServerHello answers only what was offered', () => {
  expect([...answerTo(clientHelloBody()).extensions.keys()]).toEqual([]);
  const offered = new Map<number, Buffer>([
    [0, Buffer.from('a server name')],
    [EXTENSION.extendedMasterSecret, Buffer.alloc(0)],
    [EXTENSION.useSrtp, Buffer.concat([vector(2, uint16s(2, 1)), vector(1, Buffer.from('mki'))])],
    [EXTENSION.renegotiationInfo, vector(1)],
  ]);
  expect(answerTo(clientHelloBody({ extensions: offered })).extensions).toEqual(
    new Map([
      [EXTENSION.renegotiationInfo, vector(1)],
      [EXTENSION.extendedMasterSecret, Buffer.alloc(0)],
      [EXTENSION.useSrtp, Buffer.concat([vector(2, uint16s(1)), vector(1)])],
    ]),
  );
  expect([...answerTo(clientHelloBody({ cipherSuites: [ecdheEcdsa, 0x00ff] })).extensions.keys()]).toEqual([EXTENSION.renegotiationInfo]);
});

test.each([
  ['of DTLS 1.0', { version: 0xfeff }, ALERT.protocol_version],
  ['without a cipher suite for our certificate', { cipherSuites: [ecdheRsa, 0x009c] }, ALERT.handshake_failure],
  ['without a curve that we have', { extensions: new Map([[EXTENSION.supportedGroups, vector(2, uint16s(24))]]) }, ALERT.handshake_failure],
  ['without our signature', { extensions: new Map([[EXTENSION.signatureAlgorithms, vector(2, uint16s(0x0401))]]) }, ALERT.handshake_failure],
  ['of a renegotiation', { extensions: new Map([[EXTENSION.renegotiationInfo, vector(1, Buffer.alloc(12))]]) }, ALERT.handshake_failure],
  ['with half a list', { extensions: new Map([[EXTENSION.supportedGroups, vector(2, Buffer.alloc(3))]]) }, ALERT.decode_error],
])('a ClientHello %s is refused', (_what, changes, alert) => {
  expect(() => answerTo(clientHelloBody(changes))).toThrow(withAlert(alert));
});

test.each([
  ['of DTLS 1.0', serverHelloBody({ version: 0xfeff }), ALERT.protocol_version],
  ['with a cipher suite without forward secrecy', serverHelloBody({ cipherSuite: 0x009c }), ALERT.illegal_parameter],
  ['with compression', Buffer.concat([serverHelloBody().subarray(0, 37), Buffer.of(1)]), ALERT.illegal_parameter],
  ['with an extension that was not offered', serverHelloBody({ extensions: new Map([[35, Buffer.alloc(0)]]) }), ALERT.unsupported_extension],
  ['that ends too early', Buffer.alloc(10), ALERT.decode_error],
])('a ServerHello %s is refused', (_what, body, alert) => {
  expect(() => toClient([serverHello, body])).toThrow(withAlert(alert));
});

test('a HelloVerifyRequest is answered with its cookie, under the next number', () => {
  const cookie = Buffer.from('a cookie');
  const step = toClient([helloVerifyRequest, Buffer.concat([uint16s(0xfeff), vector(1, cookie)])]);
  const [hello] = step!.flight!;
  expect(hello!.content.readUInt16BE(4)).toBe(1);
  expect(hello!.content.includes(cookie)).toBe(true);
});

test.each([
  ['of somebody else', ecdheEcdsa, writeCertificate(thief.der), ALERT.bad_certificate],
  ['that does not fit the cipher suite', ecdheRsa, writeCertificate(theirs.der), ALERT.illegal_parameter],
  ['that is none', ecdheEcdsa, vector(3), ALERT.handshake_failure],
  ['that is cut off', ecdheEcdsa, writeCertificate(theirs.der).subarray(0, 100), ALERT.decode_error],
])('a certificate %s is refused', (_what, cipherSuite, body, alert) => {
  expect(() => toClient([serverHello, serverHelloBody({ cipherSuite })], [certificate, body])).toThrow(withAlert(alert));
});

test('a key exchange on a curve that was not offered is refused before its signature is looked at', () => {
  const body = Buffer.concat([Buffer.of(3), uint16s(24), vector(1, Buffer.alloc(97)), uint16s(0x0403), vector(2, Buffer.alloc(70))]);
  const hello = [serverHello, serverHelloBody()] as const;
  const chain = [certificate, writeCertificate(theirs.der)] as const;
  expect(() => toClient(hello, chain, [serverKeyExchange, body])).toThrow(withAlert(ALERT.illegal_parameter));
  body.writeUInt16BE(GROUP.x25519, 1);
  expect(() => toClient(hello, chain, [serverKeyExchange, body])).toThrow(withAlert(ALERT.decrypt_error));
});

test('a request for an RSA certificate alone is refused', () => {
  const client = new ClientHandshake(options);
  const server = new ServerHandshake({ certificate: theirs, remoteFingerprints: [ours.fingerprint] });
  const bodies = (flight: readonly FlightRecord[] = []) => flight.map(({ content }) => ({ type: content[0]!, body: content.subarray(HANDSHAKE_HEADER_LENGTH) }));
  const [hello] = bodies(client.start().flight);
  const messages = bodies(server.receive({ ...hello!, sequence: 0 }).flight);
  for (const [sequence, message] of messages.slice(0, 3).entries()) client.receive({ ...message, sequence });

  const rsaOnly = Buffer.concat([vector(1, Buffer.of(1)), vector(2, uint16s(0x0401)), vector(2)]);
  expect(() => client.receive({ type: certificateRequest, sequence: 3, body: rsaOnly })).toThrow(withAlert(ALERT.handshake_failure));
});
