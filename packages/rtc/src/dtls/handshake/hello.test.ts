import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALERT } from '../alert.ts';
import { DTLS_1_2 } from '../record.ts';
import { HandshakeFailure } from './failure.ts';
import { parseClientHello, parseServerHello, writeClientHello, writeServerHello } from './hello.ts';

const bytes = (length: { minLength?: number; maxLength: number }): fc.Arbitrary<Buffer> => fc.uint8Array(length).map((array) => Buffer.from(array));
const random = bytes({ minLength: 32, maxLength: 32 });
const uint16 = fc.nat(0xffff);
const extensions = fc.dictionary(uint16.map(String), bytes({ maxLength: 20 }), { maxKeys: 5 }).map((data) => new Map(Object.entries(data).map(([type, value]) => [Number(type), value] as const)));
const clientHello = fc.record({ version: uint16, random, cipherSuites: fc.array(uint16, { maxLength: 9 }), extensions, cookie: bytes({ maxLength: 255 }) });
const serverHello = fc.record({ version: uint16, random, cipherSuite: uint16, extensions });

test('hellos that were written are read again', () => {
  fc.assert(
    fc.property(clientHello, serverHello, (client, server) => {
      const { cookie: _cookie, ...expected } = client;
      expect(parseClientHello(writeClientHello(client))).toEqual({ ...expected, compressionMethods: Buffer.of(0) });
      expect(parseServerHello(writeServerHello(server))).toEqual({ ...server, compressionMethod: 0 });
    }),
  );
});

test('any cut of a hello, and any bytes, are a hello or malformed', () => {
  const cutHello = fc.tuple(clientHello, fc.nat(400)).map(([hello, at]) => writeClientHello(hello).subarray(0, at));
  fc.assert(
    fc.property(fc.oneof(cutHello, bytes({ maxLength: 200 })), (body) => {
      expect([undefined, ALERT.decode_error]).toContain(alertOf(() => parseClientHello(body)));
      expect([undefined, ALERT.decode_error]).toContain(alertOf(() => parseServerHello(body)));
    }),
  );
});

/** Undefined when `parse` does not fail. */
function alertOf(parse: () => unknown): unknown {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof HandshakeFailure ? error.alert : error;
  }
}

test('an extension that comes twice is refused, and none at all is no fault', () => {
  const hello = { version: DTLS_1_2, random: Buffer.alloc(32), cipherSuite: 0xc02b, extensions: new Map([[23, Buffer.alloc(0)]]) };
  const once = writeServerHello(hello);
  const start = once.length - 6;
  const twice = Buffer.concat([once.subarray(0, start), Buffer.of(0, 8), once.subarray(start + 2), once.subarray(start + 2)]);
  expect(() => parseServerHello(twice)).toThrow('comes twice');
  expect(parseServerHello(once.subarray(0, start)).extensions.size).toBe(0);
});
