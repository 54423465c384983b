// Counter blocks of a viewer's packets, back to back. The host encrypts them where they stand, which makes them
// the keystream, and the kernel adds that to the payloads.

import { payloadBytesOf, rolloverCounterOf, sequenceNumberOf, ssrcOf } from './batch';
import { SALT } from './context';

export const BLOCK_BYTES: usize = 16;

/** Room for the counter blocks of one call. */
export const KEYSTREAM_BYTES: usize = 32768;
export const KEYSTREAM: usize = memory.data(32768, 64);

/** Bytes of keystream that so many bytes of payload take. */
@inline
export function wholeBlocks(bytes: usize): usize {
  return (bytes + BLOCK_BYTES - 1) & ~(BLOCK_BYTES - 1);
}

/**
 * Counter blocks of the packets from `first` to before `end` (RFC 3711 section 4.1.1): salt XOR SSRC in bytes
 * 4 to 7 XOR index in bytes 8 to 13, and the number of the block in 14 and 15, from 0.
 * @returns their bytes
 */
export function counterModeBlocks(context: usize, first: usize, end: usize): usize {
  const salt = v128.load(context + SALT);
  let to = KEYSTREAM;
  for (let index = first; index < end; index++) {
    let initial = i32x4.replace_lane(i32x4.splat(0), 1, ssrcOf(index));
    initial = i32x4.replace_lane(initial, 2, rolloverCounterOf(index));
    initial = v128.xor(salt, i32x4.replace_lane(initial, 3, sequenceNumberOf(index)));
    to = count(initial, 0, to, wholeBlocks(payloadBytesOf(index)));
  }
  return to - KEYSTREAM;
}

/**
 * Counter blocks of the packets from `first` to before `end` (RFC 7714 section 8.1): salt XOR
 * `0 | SSRC | ROC | SEQ`, and the number of the block in bytes 12 to 15, from 1. The first one of each packet
 * is for its tag (NIST SP 800-38D section 7.1).
 * @returns their bytes
 */
export function gcmBlocks(context: usize, first: usize, end: usize): usize {
  const salt = v128.load(context + SALT);
  let to = KEYSTREAM;
  for (let index = first; index < end; index++) {
    const ssrc = ssrcOf(index);
    const rolloverCounter = rolloverCounterOf(index);
    let initial = i32x4.splat(ssrc << 16);
    initial = i32x4.replace_lane(initial, 1, (ssrc >>> 16) | (rolloverCounter << 16));
    initial = i32x4.replace_lane(initial, 2, (rolloverCounter >>> 16) | (sequenceNumberOf(index) << 16));
    initial = v128.xor(salt, i32x4.replace_lane(initial, 3, 0));
    to = count(initial, 1, to, BLOCK_BYTES + wholeBlocks(payloadBytesOf(index)));
  }
  return to - KEYSTREAM;
}

/**
 * Writes the initial block with its last byte plus `number`, plus `number + 1` and so on. A packet has less
 * than 255 blocks and the last byte is 0, so that there is no carry.
 */
@inline
function count(initial: v128, number: u32, to: usize, bytes: usize): usize {
  const end = to + bytes;
  const one = i32x4.replace_lane(i32x4.splat(0), 3, 1 << 24);
  let block = number == 0 ? initial : i32x4.add(initial, one);
  for (; to < end; to += BLOCK_BYTES) {
    v128.store(to, block);
    block = i32x4.add(block, one);
  }
  return end;
}

/** Writes payload XOR keystream, and not a byte more. The payload may stand where the result goes. */
export function addKeystream(to: usize, payload: usize, keystream: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    addBlock(to + at, payload + at, keystream + at);
    addBlock(to + at + 16, payload + at + 16, keystream + at + 16);
    addBlock(to + at + 32, payload + at + 32, keystream + at + 32);
    addBlock(to + at + 48, payload + at + 48, keystream + at + 48);
  }
  for (; at + BLOCK_BYTES <= bytes; at += BLOCK_BYTES) addBlock(to + at, payload + at, keystream + at);
  for (; at < bytes; at++) store<u8>(to + at, load<u8>(payload + at) ^ load<u8>(keystream + at));
}

@inline
function addBlock(to: usize, payload: usize, keystream: usize): void {
  v128.store(to, v128.xor(v128.load(payload), v128.load(keystream)));
}
