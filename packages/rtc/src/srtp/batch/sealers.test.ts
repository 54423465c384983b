import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNativeEnvironment } from '../../native/native-environment.ts';
import { loadNativeLibrary } from '../../native/native-functions.ts';
import { PacketArena } from '../../outbound/packet-arena.ts';
import { MAX_PACKET_BYTES, PacketBatch, SLOT_BYTES } from '../../outbound/packet-batch.ts';
import { createPacketCipher } from '../create-packet-cipher.ts';
import { SRTP_PROFILES, type SrtpProfile } from '../profiles.ts';
import type { BatchSealer } from './batch-sealer.ts';
import { NativeSealer } from './native-sealer.ts';
import { PacketWiseSealer } from './packet-wise-sealer.ts';
import { PortableSealer } from './portable-sealer.ts';

const nativeLibrary = await loadNativeLibrary();

/** Every sealer has to pass all of this; the ciphers of single packets say what is right. */
const SEALERS: readonly (readonly [name: string, create: (arena: PacketArena) => BatchSealer])[] = [
  ['packet-wise', () => new PacketWiseSealer()],
  ['portable', (arena) => new PortableSealer({ arena })],
  ...(typeof nativeLibrary === 'string'
    ? []
    : [['native', (arena: PacketArena) => new NativeSealer(createNativeEnvironment(nativeLibrary, arena))] as const]),
];
const PROFILES = Object.keys(SRTP_PROFILES) as SrtpProfile[];
const CAPACITY = 32;
const CANARY = 0xa5;

/** A packet to be sealed. */
interface Plain {
  readonly viewer: number;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly rolloverCounter: number;
  /** Whether the payload stands behind the header, and is no other viewer's. */
  readonly inPlace: boolean;
}

const plain: fc.Arbitrary<Plain> = fc
  .record({
    viewer: fc.nat(4),
    extensionWords: fc.nat(12),
    payload: fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 1100, maxLength: 1400 })),
    rolloverCounter: fc.oneof(fc.nat(2), fc.integer({ min: 0, max: 0xffff_ffff })),
    inPlace: fc.boolean(),
    numbers: fc.uint8Array({ minLength: 11, maxLength: 11 }),
  })
  .map(({ extensionWords, numbers, ...packet }) => ({ ...packet, header: headerOf(extensionWords, numbers) }));

function headerOf(extensionWords: number, numbers: Uint8Array): Uint8Array {
  const fixed = Buffer.from([extensionWords > 0 ? 0x90 : 0x80, ...numbers]);
  if (extensionWords === 0) return fixed;
  const extension = Buffer.alloc(4 + 4 * extensionWords, 0x11);
  extension.writeUInt16BE(0xbede);
  extension.writeUInt16BE(extensionWords, 2);
  return Buffer.concat([fixed, extension]);
}

describe.each(SEALERS)('the %s sealer', (_name, create) => {
  describe.each(PROFILES)('with %s', (profile) => {
    const { keyBytes, saltBytes, tagBytes } = SRTP_PROFILES[profile];
    const arena = new PacketArena({ bytes: 8 * 1024 * 1024 });
    const sealer = create(arena);
    const batch = new PacketBatch(arena, CAPACITY);
    const shared = arena.allocate(CAPACITY * SLOT_BYTES);
    const keys = Array.from({ length: 5 }, () => ({ key: randomBytes(keyBytes), salt: randomBytes(saltBytes) }));
    const contexts = keys.map(({ key, salt }) => sealer.createContext(profile, key, salt));
    const ciphers = keys.map(({ key, salt }) => createPacketCipher(profile, key, salt));

    function fill(packets: readonly Plain[]): void {
      arena.bytes.fill(CANARY, batch.slotOffset(0), batch.slotOffset(CAPACITY - 1) + SLOT_BYTES);
      batch.count = 0;
      for (const { viewer, header, payload, rolloverCounter, inPlace } of packets) {
        const index = batch.count++;
        const slot = batch.slotOffset(index);
        const payloadOffset = inPlace ? slot + header.length : shared + index * SLOT_BYTES;
        arena.bytes.set(header, slot);
        arena.bytes.set(payload, payloadOffset);
        batch.headerBytes[index] = header.length;
        batch.payloadOffset[index] = payloadOffset;
        batch.payloadBytes[index] = payload.length;
        batch.rolloverCounter[index] = rolloverCounter;
        batch.contextId[index] = contexts[viewer]!.id;
        batch.sealedBytes[index] = 0;
      }
    }

    function sealed(index: number): Buffer {
      return arena.bytes.subarray(batch.slotOffset(index), batch.slotOffset(index) + batch.sealedBytes[index]!);
    }

    it('seals any batch as the cipher of single packets does, and leaves the next slot alone', () => {
      fc.assert(
        fc.property(fc.array(plain, { minLength: 1, maxLength: CAPACITY - 1 }), (packets) => {
          // Packets of one viewer stand together.
          const inOrder = packets.toSorted((a, b) => a.viewer - b.viewer);
          fill(inOrder);
          sealer.seal(batch);
          inOrder.forEach(({ viewer, header, payload, rolloverCounter }, index) => {
            const expected = ciphers[viewer]!.protectRtp(Buffer.concat([header, payload]), header.length, rolloverCounter);
            expect(sealed(index).toString('hex')).toBe(expected.toString('hex'));
          });
          expect(arena.bytes[batch.slotOffset(batch.count)]).toBe(CANARY);
        }),
        { numRuns: 200 },
      );
    });

    it('takes the longest packet', () => {
      const header = headerOf(0, new Uint8Array(11));
      const payload = randomBytes(MAX_PACKET_BYTES - header.length);
      fill([{ viewer: 0, header, payload, rolloverCounter: 1, inPlace: false }]);
      sealer.seal(batch);
      expect(sealed(0)).toHaveLength(MAX_PACKET_BYTES + tagBytes);
      expect(sealed(0).equals(ciphers[0]!.protectRtp(Buffer.concat([header, payload]), 12, 1))).toBe(true);
      expect(contexts[0]!.tagBytes).toBe(tagBytes);
    });

    it('gives a freed context to another peer, with that one’s keys', () => {
      const [first, second] = keys;
      const old = sealer.createContext(profile, first!.key, first!.salt);
      old.close();
      old.close();
      const context = sealer.createContext(profile, second!.key, second!.salt);
      old.close();
      fill([{ viewer: 0, header: headerOf(1, new Uint8Array(11)), payload: randomBytes(100), rolloverCounter: 7, inPlace: false }]);
      batch.contextId[0] = context.id;
      const packet = Buffer.concat([sealed(0), arena.bytes.subarray(batch.slotOffset(0), batch.slotOffset(0) + 20), arena.bytes.subarray(shared, shared + 100)]);
      sealer.seal(batch);
      expect(sealed(0).equals(ciphers[1]!.protectRtp(packet, 20, 7))).toBe(true);
      context.close();
    });

    it('refuses keys of another length', () => {
      expect(() => sealer.createContext(profile, randomBytes(keyBytes - 1), randomBytes(saltBytes))).toThrow(/master key/);
    });
  });
});
