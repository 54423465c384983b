import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PacketArena } from '../../outbound/packet-arena.ts';
import { MAX_PACKET_BYTES, PacketBatch, SLOT_BYTES } from '../../outbound/packet-batch.ts';
import { createPacketCipher } from '../create-packet-cipher.ts';
import { SRTP_PROFILES, type SrtpProfile } from '../profiles.ts';
import { PortableSealer } from './portable-sealer.ts';

const PROFILES = Object.keys(SRTP_PROFILES) as SrtpProfile[];
const HEADER = Buffer.from('806000010000000200000003', 'hex');
/** More than the kernel keeps for its HMACs at a time. */
const CAPACITY = 160;

function setUp(profile: SrtpProfile) {
  const arena = new PacketArena({ bytes: 1024 * 1024 });
  const sealer = new PortableSealer({ arena, maxContexts: 4 });
  const batch = new PacketBatch(arena, CAPACITY);
  const payloads = arena.allocate(SLOT_BYTES);
  arena.bytes.set(randomBytes(SLOT_BYTES), payloads);
  const { keyBytes, saltBytes } = SRTP_PROFILES[profile];
  const createViewer = () => {
    const key = randomBytes(keyBytes);
    const salt = randomBytes(saltBytes);
    return { context: sealer.createContext(profile, key, salt), cipher: createPacketCipher(profile, key, salt) };
  };
  const add = (contextId: number, payloadBytes: number, payloadOffset = payloads): number => {
    const index = batch.count++;
    arena.bytes.set(HEADER, batch.slotOffset(index));
    arena.bytes.writeUInt16BE(index, batch.slotOffset(index) + 2);
    batch.headerBytes[index] = HEADER.length;
    batch.payloadOffset[index] = payloadOffset;
    batch.payloadBytes[index] = payloadBytes;
    batch.rolloverCounter[index] = 5;
    batch.contextId[index] = contextId;
    return index;
  };
  const plain = (index: number): Buffer => {
    const header = arena.bytes.subarray(batch.slotOffset(index), batch.slotOffset(index) + HEADER.length);
    const from = batch.payloadOffset[index]!;
    return Buffer.concat([header, arena.bytes.subarray(from, from + batch.payloadBytes[index]!)]);
  };
  const sealed = (index: number): Buffer => arena.bytes.subarray(batch.slotOffset(index), batch.slotOffset(index) + batch.sealedBytes[index]!);
  return { arena, sealer, batch, payloads, createViewer, add, plain, sealed };
}

describe.each(PROFILES)('the portable sealer with %s', (profile) => {
  it('seals packets of every length, beside ones of other lengths', () => {
    const { sealer, batch, createViewer, add, plain, sealed } = setUp(profile);
    const { context, cipher } = createViewer();
    for (let payloadBytes = 0; payloadBytes <= MAX_PACKET_BYTES - HEADER.length; payloadBytes += 3) {
      batch.count = 0;
      // Three at a time; the last one's length is another, and below a block for short first ones.
      for (const bytes of [payloadBytes, Math.min(payloadBytes + 1, MAX_PACKET_BYTES - HEADER.length), payloadBytes + 2 > 1500 ? 0 : payloadBytes + 2]) {
        add(context.id, bytes);
      }
      const expected = [0, 1, 2].map((index) => cipher.protectRtp(plain(index), HEADER.length, 5).toString('hex'));
      sealer.seal(batch);
      expect([0, 1, 2].map((index) => sealed(index).toString('hex'))).toEqual(expected);
    }
  });

  it('seals more packets of one viewer than its memory has room for at a time', () => {
    const { sealer, batch, createViewer, add, plain, sealed } = setUp(profile);
    const { context, cipher } = createViewer();
    while (batch.count < CAPACITY) add(context.id, MAX_PACKET_BYTES - HEADER.length);
    sealer.seal(batch);
    for (let index = 0; index < CAPACITY; index++) {
      expect(sealed(index).equals(cipher.protectRtp(plain(index), HEADER.length, 5))).toBe(true);
    }
  });

  it('takes a payload that ends where the arena ends', () => {
    const { arena, sealer, batch, createViewer, add, plain, sealed } = setUp(profile);
    const { context, cipher } = createViewer();
    const payloadBytes = 21;
    add(context.id, payloadBytes, arena.bytes.length - payloadBytes);
    const expected = cipher.protectRtp(plain(0), HEADER.length, 5);
    sealer.seal(batch);
    expect(sealed(0).toString('hex')).toBe(expected.toString('hex'));
  });

  it('writes nothing but its own memory, the slots of the packets and their lengths', () => {
    const { arena, sealer, batch, createViewer, add } = setUp(profile);
    const { context } = createViewer();
    // In the middle of the slots, so that there are others on both sides.
    for (let index = 0; index < CAPACITY; index++) add(context.id, index === 30 ? MAX_PACKET_BYTES - HEADER.length : 7);
    const before = Buffer.from(arena.bytes);
    batch.count = 31;
    sealer.seal(batch);
    const owned = new PacketArena({ bytes: 1024 * 1024 }).allocate(1);
    const lengths = batch.sealedBytes.byteOffset;
    const after = Buffer.from(arena.bytes);
    after.copy(before, 0, 0, owned);
    after.copy(before, lengths, lengths, lengths + 2 * batch.count);
    after.copy(before, batch.slotOffset(0), batch.slotOffset(0), batch.slotOffset(batch.count));
    expect(after.equals(before)).toBe(true);
  });

  it('forgets the packets of a batch that it could not seal', () => {
    const { sealer, batch, createViewer, add, plain, sealed } = setUp(profile);
    const [first, second] = [createViewer(), createViewer()];
    second.context.close();
    add(first.context.id, 100);
    add(second.context.id, 100);
    expect(() => sealer.seal(batch)).toThrow(/context that was closed/);
    batch.count = 0;
    add(first.context.id, 200);
    const expected = first.cipher.protectRtp(plain(0), HEADER.length, 5);
    sealer.seal(batch);
    expect(sealed(0).toString('hex')).toBe(expected.toString('hex'));
  });

  it('refuses packets that do not fit, batches elsewhere, and contexts beyond its limit', () => {
    const { sealer, batch, createViewer, add } = setUp(profile);
    const { context } = createViewer();
    add(context.id, MAX_PACKET_BYTES);
    expect(() => sealer.seal(batch)).toThrow(/does not fit/);
    expect(() => sealer.seal(new PacketBatch(new PacketArena({ bytes: 1024 * 1024 })))).toThrow(/another packet arena/);
    for (let count = 1; count < 4; count++) createViewer();
    expect(createViewer).toThrow(/More than 4 peers/);
    context.close();
    expect(createViewer).not.toThrow();
  });

  it('uses the memory of closed contexts again', () => {
    const { arena, createViewer } = setUp(profile);
    const used = () => arena.allocate(0);
    createViewer().context.close();
    const before = used();
    for (let count = 0; count < 100; count++) createViewer().context.close();
    expect(used()).toBe(before);
  });
});
