import { ByteReader, malformed } from './byte-reader.ts';
import { uint16s, vector } from './byte-writer.ts';

/** Extension types: RFC 8422, RFC 5246, RFC 5764, RFC 7627, RFC 5746. */
export const EXTENSION = {
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  renegotiationInfo: 0xff01,
} as const;

/** ECDHE with AES-128-GCM and SHA-256 (RFC 5289). */
export const CIPHER_SUITE = { ecdheEcdsa: 0xc02b, ecdheRsa: 0xc02f } as const;

/** Says the same as an empty renegotiation_info (RFC 5746 section 3.3). */
export const RENEGOTIATION_INFO_SCSV = 0x00ff;

export const NO_COMPRESSION = 0;

const RANDOM_LENGTH = 32;

/** By type; what we do not know stays in and is not looked at. */
export type Extensions = ReadonlyMap<number, Buffer>;

export interface ClientHello {
  readonly version: number;
  readonly random: Buffer;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: Buffer;
  readonly extensions: Extensions;
}

export interface ServerHello {
  readonly version: number;
  readonly random: Buffer;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: Extensions;
}

/** RFC 6347 section 4.3.2. @throws HandshakeFailure */
export function parseClientHello(body: Buffer): ClientHello {
  const reader = new ByteReader(body);
  const version = reader.uint(2);
  const random = reader.bytes(RANDOM_LENGTH);
  // Session id and cookie: we resume nothing and have asked for no cookie.
  reader.vector(1);
  reader.vector(1);
  return { version, random, cipherSuites: reader.uint16List(), compressionMethods: reader.vector(1), extensions: parseExtensions(reader) };
}

/** RFC 5246 section 7.4.1.3. @throws HandshakeFailure */
export function parseServerHello(body: Buffer): ServerHello {
  const reader = new ByteReader(body);
  const version = reader.uint(2);
  const random = reader.bytes(RANDOM_LENGTH);
  reader.vector(1);
  return { version, random, cipherSuite: reader.uint(2), compressionMethod: reader.uint(1), extensions: parseExtensions(reader) };
}

/** Without a session id. `cookie` is empty unless the server has asked for one. */
export function writeClientHello(hello: Omit<ClientHello, 'compressionMethods'> & { readonly cookie: Buffer }): Buffer {
  return Buffer.concat([
    uint16s(hello.version),
    hello.random,
    vector(1),
    vector(1, hello.cookie),
    vector(2, uint16s(...hello.cipherSuites)),
    vector(1, Buffer.of(NO_COMPRESSION)),
    writeExtensions(hello.extensions),
  ]);
}

/** Without a session id. */
export function writeServerHello(hello: Omit<ServerHello, 'compressionMethod'>): Buffer {
  return Buffer.concat([
    uint16s(hello.version),
    hello.random,
    vector(1),
    uint16s(hello.cipherSuite),
    Buffer.of(NO_COMPRESSION),
    writeExtensions(hello.extensions),
  ]);
}

function writeExtensions(extensions: Extensions): Buffer {
  return vector(2, ...Array.from(extensions, ([type, data]) => Buffer.concat([uint16s(type), vector(2, data)])));
}

/** RFC 5246 section 7.4.1.4: there may be none, and none may come twice. */
function parseExtensions(reader: ByteReader): Extensions {
  const extensions = new Map<number, Buffer>();
  if (reader.atEnd) return extensions;
  const list = new ByteReader(reader.vector(2));
  reader.end();
  while (!list.atEnd) {
    const type = list.uint(2);
    if (extensions.has(type)) throw malformed(`extension ${type} comes twice`);
    extensions.set(type, list.vector(2));
  }
  return extensions;
}
