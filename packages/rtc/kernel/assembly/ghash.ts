// GHASH (NIST SP 800-38D section 6.4) without carry-less multiplication, which WebAssembly has not.
//
// An element of the field is kept with its bytes reversed: as a number of 128 bits whose highest bit is the
// coefficient of x^0, so that to multiply by x is to shift to the right, and x^128 = 1 + x + x^2 + x^7.
//
// To multiply by the hash key H, the 16 bytes of an element are looked up in four tables of 256 multiples of H,
// one for each 32 bits. That gives four sums, of the highest bytes of the four words and so on, which are added
// with a shift of 8 bits each. The tables take 16 KiB; to fill them from 32 multiples of H takes less time than
// two packets would take with smaller tables, and less than to load as much from memory that is not in the cache.

import { HASH_KEY_MULTIPLES } from './context';
import { BLOCK_BYTES } from './keystream';

const TABLE_BYTES: usize = 4096;
const TABLES: usize = memory.data(4 * 4096, 64);
/** 16 bytes of ones and 16 of zeros: the mask of `n` leading bytes is at 16 - n. */
const LEADING_BYTES: usize = memory.data<u64>([~0, ~0, 0, 0], 16);

/**
 * Writes H * x^e to a context for e from 0 to 127, in the order in which the tables are filled: for each word
 * from the highest, for each bit of its highest byte from the lowest.
 * @param hashKey H in network order
 */
export function initialiseGhash(context: usize, hashKey: usize): void {
  let multiple = reverseBytes(v128.load(hashKey));
  for (let exponent: usize = 0; exponent < 128; exponent++) {
    const bit = exponent % 32;
    if (bit < 8) v128.store(context + HASH_KEY_MULTIPLES + (((exponent / 32) * 8 + 7 - bit) << 4), multiple);
    multiple = multiplyByX(multiple);
  }
}

function multiplyByX(element: v128): v128 {
  const low = <u64>i64x2.extract_lane(element, 0);
  const high = <u64>i64x2.extract_lane(element, 1);
  const reduced = (high >> 1) ^ (low & 1 ? 0xe100_0000_0000_0000 : 0);
  return i64x2.replace_lane(i64x2.splat((low >> 1) | (high << 63)), 1, reduced);
}

/** Fills the tables with the multiples of a context's hash key; until then the others of this file go by the last one's. */
export function useHashKey(context: usize): void {
  for (let word: usize = 0; word < 4; word++) {
    const table = TABLES + word * TABLE_BYTES;
    v128.store(table, i64x2.splat(0));
    for (let bit: usize = 0; bit < 8; bit++) {
      const multiple = v128.load(context + HASH_KEY_MULTIPLES + ((word * 8 + bit) << 4));
      const filled = BLOCK_BYTES << bit;
      for (let at: usize = 0; at < filled; at += BLOCK_BYTES) {
        v128.store(table + filled + at, v128.xor(v128.load(table + at), multiple));
      }
    }
  }
}

/** The hash of associated data, filled up with zeros to a block. */
export function hashAssociatedData(data: usize, bytes: usize): v128 {
  let hash = i64x2.splat(0);
  const end = data + bytes;
  for (; data + BLOCK_BYTES <= end; data += BLOCK_BYTES) hash = addBlock(hash, data);
  if (data == end) return hash;
  const rest = v128.and(v128.load(data), v128.load(LEADING_BYTES + BLOCK_BYTES - (end - data)));
  return multiplyByHashKey(v128.xor(hash, reverseBytes(rest)));
}

/** Adds the last block, which holds the lengths. @returns the hash in network order */
@inline
export function finish(hash: v128, associatedBytes: usize, bytes: usize): v128 {
  const lengths = i64x2.replace_lane(i64x2.splat(<i64>bytes << 3), 1, <i64>associatedBytes << 3);
  return reverseBytes(multiplyByHashKey(v128.xor(hash, lengths)));
}

/** Adds one block to a hash. */
@inline
export function addBlock(hash: v128, block: usize): v128 {
  return multiplyByHashKey(v128.xor(hash, reverseBytes(v128.load(block))));
}

@inline
function reverseBytes(bytes: v128): v128 {
  return v128.shuffle<u8>(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

@inline
function multiplyByHashKey(element: v128): v128 {
  const low = <u64>i64x2.extract_lane(element, 0);
  const high = <u64>i64x2.extract_lane(element, 1);
  const sum0 = sumOfBytes(high, low, 24);
  const sum1 = sumOfBytes(high, low, 16);
  const sum2 = sumOfBytes(high, low, 8);
  const sum3 = sumOfBytes(high, low, 0);
  const zero = i64x2.splat(0);
  const shifted = v128.xor(
    v128.xor(sum0, v128.shuffle<u8>(sum1, zero, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)),
    v128.xor(
      v128.shuffle<u8>(sum2, zero, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17),
      v128.shuffle<u8>(sum3, zero, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18),
    ),
  );
  // What was shifted out, up to 24 bits, stands at the top of the highest word now: times x^128.
  const overflow = v128.xor(
    v128.shuffle<u8>(zero, sum1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
    v128.xor(
      v128.shuffle<u8>(zero, sum2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17),
      v128.shuffle<u8>(zero, sum3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18),
    ),
  );
  const reduced = v128.xor(v128.xor(overflow, i32x4.shr_u(overflow, 1)), v128.xor(i32x4.shr_u(overflow, 2), i32x4.shr_u(overflow, 7)));
  return v128.xor(shifted, reduced);
}

/** The multiples for one byte of each word: the one that begins at this bit. */
@inline
function sumOfBytes(high: u64, low: u64, bit: i32): v128 {
  return v128.xor(
    v128.xor(multiple(0, high, bit + 32), multiple(1, high, bit)),
    v128.xor(multiple(2, low, bit + 32), multiple(3, low, bit)),
  );
}

@inline
function multiple(word: usize, half: u64, bit: i32): v128 {
  const byteTimes16 = <u32>(bit < 4 ? half << (4 - bit) : half >> (bit - 4)) & 0xff0;
  return v128.load(TABLES + word * TABLE_BYTES + <usize>byteTimes16);
}
