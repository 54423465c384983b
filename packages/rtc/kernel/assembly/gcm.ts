// AEAD_AES_128_GCM (RFC 7714) of a viewer's packets, once their keystream is ready.

import { headerBytesOf, payloadBytesOf, payloadOf, setSealedBytes, slotOf } from './batch';
import { addBlock, finish, hashAssociatedData, useHashKey } from './ghash';
import { BLOCK_BYTES, KEYSTREAM, addKeystream, wholeBlocks } from './keystream';

const TAG_BYTES: usize = 16;

/** Encrypts and authenticates the packets from `first` to before `end`. */
export function sealGcm(context: usize, first: usize, end: usize): void {
  useHashKey(context);
  let keystream = KEYSTREAM;
  let index = first;
  for (; index + 1 < end; index += 2) {
    const second = keystream + keystreamBytesOf(index);
    sealTwo(index, keystream, second);
    keystream = second + keystreamBytesOf(index + 1);
  }
  if (index < end) sealOne(index, keystream);
}

/** The first block of a packet's keystream is for its tag. */
@inline
function keystreamBytesOf(index: usize): usize {
  return BLOCK_BYTES + wholeBlocks(payloadBytesOf(index));
}

/** Hashes two packets side by side, because each multiplication waits for the one before. */
function sealTwo(index: usize, keystream0: usize, keystream1: usize): void {
  encrypt(index, keystream0);
  encrypt(index + 1, keystream1);
  let hash0 = hashAssociatedData(slotOf(index), headerBytesOf(index));
  let hash1 = hashAssociatedData(slotOf(index + 1), headerBytesOf(index + 1));
  const from0 = ciphertextOf(index);
  const from1 = ciphertextOf(index + 1);
  const bytes0 = wholeBlocks(payloadBytesOf(index));
  const bytes1 = wholeBlocks(payloadBytesOf(index + 1));
  const both = min(bytes0, bytes1);
  for (let at: usize = 0; at < both; at += BLOCK_BYTES) {
    hash0 = addBlock(hash0, from0 + at);
    hash1 = addBlock(hash1, from1 + at);
  }
  writeTag(index, addBlocks(hash0, from0 + both, bytes0 - both), keystream0);
  writeTag(index + 1, addBlocks(hash1, from1 + both, bytes1 - both), keystream1);
}

function sealOne(index: usize, keystream: usize): void {
  encrypt(index, keystream);
  const hash = hashAssociatedData(slotOf(index), headerBytesOf(index));
  writeTag(index, addBlocks(hash, ciphertextOf(index), wholeBlocks(payloadBytesOf(index))), keystream);
}

/** Leaves zeros behind the ciphertext, which fill its last block up. */
function encrypt(index: usize, keystream: usize): void {
  const to = ciphertextOf(index);
  const bytes = payloadBytesOf(index);
  addKeystream(to, payloadOf(index), keystream + BLOCK_BYTES, bytes);
  v128.store(to + bytes, i64x2.splat(0));
}

@inline
function ciphertextOf(index: usize): usize {
  return slotOf(index) + headerBytesOf(index);
}

function addBlocks(hash: v128, from: usize, bytes: usize): v128 {
  for (const end = from + bytes; from < end; from += BLOCK_BYTES) hash = addBlock(hash, from);
  return hash;
}

function writeTag(index: usize, hash: v128, keystream: usize): void {
  const headerBytes = headerBytesOf(index);
  const payloadBytes = payloadBytesOf(index);
  const tag = slotOf(index) + headerBytes + payloadBytes;
  v128.store(tag, v128.xor(finish(hash, headerBytes, payloadBytes), v128.load(keystream)));
  setSealedBytes(index, headerBytes + payloadBytes + TAG_BYTES);
}
