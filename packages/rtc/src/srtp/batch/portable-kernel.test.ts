import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PacketArena } from '../../outbound/packet-arena.ts';
import { PacketBatch, SLOT_BYTES } from '../../outbound/packet-batch.ts';
import { createSrtpKernel } from './portable-kernel.ts';

const FOLDER = new URL('../../../kernel/', import.meta.url);

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

/** The kernel with one batch of so many packets in use, and a record of zeros. */
function setUp(packets: readonly { readonly header: Buffer; readonly payload?: Buffer; readonly rolloverCounter?: number }[]) {
  const arena = new PacketArena({ bytes: 1024 * 1024 });
  const kernel = createSrtpKernel(arena);
  const batch = new PacketBatch(arena, packets.length);
  packets.forEach(({ header, payload = Buffer.alloc(0), rolloverCounter = 0 }, index) => {
    const slot = batch.slotOffset(index);
    arena.bytes.set(Buffer.concat([header, payload]), slot);
    batch.headerBytes[index] = header.length;
    batch.payloadOffset[index] = slot + header.length;
    batch.payloadBytes[index] = payload.length;
    batch.rolloverCounter[index] = rolloverCounter;
  });
  const { headerBytes, payloadOffset, payloadBytes, rolloverCounter, sealedBytes } = batch;
  const arrays = [headerBytes, payloadOffset, payloadBytes, rolloverCounter, sealedBytes].map((array) => array.byteOffset);
  kernel.useBatch(...(arrays as [number, number, number, number, number]), batch.slotOffset(0), SLOT_BYTES);
  const allocate = (bytes: Buffer): number => {
    const offset = arena.allocate(64);
    arena.bytes.set(bytes, offset);
    return offset;
  };
  return { arena, kernel, batch, allocate };
}

/** What the host does with counter blocks. */
function encryptBlocks(key: Buffer, arena: PacketArena, keystream: number, bytes: number): Buffer {
  const blocks = arena.bytes.subarray(keystream, keystream + bytes);
  blocks.set(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(blocks));
  return blocks;
}

function sealGcm({ key, iv, header, payload }: { readonly key: Buffer; readonly iv: Buffer; readonly header: Buffer; readonly payload: Buffer }): Buffer {
  const { arena, kernel, batch, allocate } = setUp([{ header, payload }]);
  const context = arena.allocate(kernel.GCM_CONTEXT_BYTES);
  arena.bytes.set(iv, context);
  kernel.initialiseGhash(context, allocate(createCipheriv('aes-128-ecb', key, null).update(Buffer.alloc(16))));
  encryptBlocks(key, arena, kernel.KEYSTREAM, kernel.gcmBlocks(context, 0, 1));
  kernel.sealGcm(context, 0, 1);
  return arena.bytes.subarray(batch.slotOffset(0) + header.length, batch.slotOffset(0) + batch.sealedBytes[0]!);
}

describe('the kernel', () => {
  it('is what its source compiles to', { timeout: 60_000 }, async () => {
    const build: { compileKernel(): Promise<Uint8Array> } = await import(new URL('build.mjs', FOLDER).href);
    const compiled = await build.compileKernel();
    expect(readFileSync(new URL('srtp.wasm', FOLDER)).equals(compiled), 'Run pnpm --filter @sluice/rtc build:kernel').toBe(true);
  });

  it('keeps to the part of the arena that is reserved for it', () => {
    const arena = new PacketArena({ bytes: 1024 * 1024 });
    expect(createSrtpKernel(arena).RESERVED_END).toBeLessThanOrEqual(arena.allocate(1));
  });

  it('makes the counter blocks of RFC 3711 appendix B.2', () => {
    const { arena, kernel } = setUp([{ header: Buffer.alloc(12), payload: Buffer.alloc(48) }]);
    const context = arena.allocate(kernel.COUNTER_MODE_CONTEXT_BYTES);
    arena.bytes.set(hex('f0f1f2f3f4f5f6f7f8f9fafbfcfd'), context);
    const bytes = kernel.counterModeBlocks(context, 0, 1);
    expect(encryptBlocks(hex('2b7e151628aed2a6abf7158809cf4f3c'), arena, kernel.KEYSTREAM, bytes)).toEqual(
      hex('e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab 41e95b3bb0a2e8dd477901e4fca894c0'),
    );
  });

  it('makes the HMACs of RFC 2202, of messages of several lengths and keys side by side', () => {
    // Cases 1, 2, 3, 4 and 5; those with keys of more than a block cannot come from SRTP.
    const cases = [
      { key: Buffer.alloc(20, 0x0b), message: Buffer.from('Hi There'), tag: 'b617318655057264e28b' },
      { key: Buffer.from('Jefe'), message: Buffer.from('what do ya want for nothing?'), tag: 'effcdf6ae5eb2fa2d274' },
      { key: Buffer.alloc(20, 0xaa), message: Buffer.alloc(50, 0xdd), tag: '125d7342b9ac11cd91a3' },
      { key: hex('0102030405060708090a0b0c0d0e0f10111213141516171819'), message: Buffer.alloc(50, 0xcd), tag: '4c9007f4026250c6bc84' },
      { key: Buffer.alloc(20, 0x0c), message: Buffer.from('Test With Truncation'), tag: '4c1a03424b55e07fe7f2' },
    ];
    // The last four bytes of the hashed message are the rollover counter, which is not in the packet.
    const packets = cases.map(({ message }) => ({ header: message.subarray(0, -4), rolloverCounter: message.readUInt32BE(message.length - 4) }));
    const { arena, kernel, batch, allocate } = setUp(packets);
    cases.forEach(({ key }, index) => {
      const context = arena.allocate(kernel.COUNTER_MODE_CONTEXT_BYTES);
      kernel.initialiseHmac(context, allocate(key));
      kernel.encryptCounterMode(context, index, index + 1);
    });
    kernel.authenticate();
    const tags = packets.map(({ header }, index) => {
      const end = batch.slotOffset(index) + batch.sealedBytes[index]!;
      return arena.bytes.toString('hex', batch.slotOffset(index) + header.length, end);
    });
    expect(tags).toEqual(cases.map(({ tag }) => tag));
  });

  it('seals the packet of RFC 7714 section 16.1', () => {
    const sealed = sealGcm({
      key: hex('000102030405060708090a0b0c0d0e0f'),
      iv: hex('517569642070726f2071756f'),
      header: hex('8040f17b 8041f8d3 5501a0b2'),
      payload: hex('47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573'),
    });
    expect(sealed).toEqual(
      hex('f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce'),
    );
  });

  it('seals test case 4 of the GCM specification, whose associated data takes more than a block', () => {
    const header = hex('feedface deadbeef feedface deadbeef abaddad2');
    // The IV is XORed with the SSRC, at 2, and the sequence number, at 10, which that of the test case has not.
    const iv = hex('cafebabefacedbaddecaf888');
    iv.writeUInt32BE((iv.readUInt32BE(2) ^ header.readUInt32BE(8)) >>> 0, 2);
    iv.writeUInt16BE(iv.readUInt16BE(10) ^ header.readUInt16BE(2), 10);
    const sealed = sealGcm({
      key: hex('feffe9928665731c6d6a8f9467308308'),
      iv,
      header,
      payload: hex(
        'd9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72 1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b39',
      ),
    });
    expect(sealed).toEqual(
      hex(`42831ec2217774244b7221b784d0d49c e3aa212f2c02a4e035c17e2329aca12e 21d514b25466931c7d8f6a5aac84aa05 1ba30b396a0aac973d58e091
        5bc94fbc3221a5db94fae95ae7121a47`),
    );
  });
});
