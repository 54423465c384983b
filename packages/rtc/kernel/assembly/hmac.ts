// HMAC-SHA1-80 (RFC 2104, RFC 3711 section 4.2.1) of four messages at a time, one in each lane of the vectors.
// A lane that is through with its message takes the next one, so that lengths may differ.

import { INNER_STATE, OUTER_STATE } from './context';
import { STATE, WORDS, compress } from './sha1';

const LANES: usize = 4;
const HASH_BLOCK_BYTES: usize = 64;
const HASH_WORDS: usize = 5;
export const TAG_BYTES: usize = 10;

/** Of messages that wait for their tags. */
const MAX_JOBS: usize = 128;
const JOB_BYTES: usize = 16;
const JOBS: usize = memory.data(128 * 16, 64);
/** Words of the inner hashes: those of four jobs side by side, as the lanes of the outer hash take them. */
const INNER_HASHES: usize = memory.data(128 / 4 * 80, 64);

/** What each lane has left: next block, blocks, job. 4 words each. */
const NEXT_BLOCK: usize = memory.data(16, 16);
const BLOCKS_LEFT: usize = memory.data(16, 16);
const LANE_JOB: usize = memory.data(16, 16);
/** What a lane without a message works on. */
const NO_MESSAGE: usize = memory.data(64, 16);
const FOREVER: u32 = 0x7fff_ffff;

let jobs: usize = 0;
let jobsBegun: usize = 0;

/**
 * Takes a message whose tag is to be written behind it. Up to 91 bytes behind it are overwritten.
 * @param rolloverCounter in network order; it is hashed behind the message and not sent
 */
export function enqueue(message: usize, bytes: usize, context: usize, rolloverCounter: u32): void {
  if (jobs == MAX_JOBS) authenticate();
  const job = JOBS + jobs * JOB_BYTES;
  store<u32>(job, <u32>message);
  store<u32>(job, <u32>bytes, 4);
  store<u32>(job, <u32>context, 8);
  store<u32>(job, rolloverCounter, 12);
  jobs++;
}

/** Writes the tags of all messages that were taken. */
export function authenticate(): void {
  if (jobs == 0) return;
  hashMessages();
  for (let first: usize = 0; first < jobs; first += LANES) hashHashes(first);
  jobs = 0;
}

/**
 * Writes the states behind the first blocks of both hashes into a context.
 * @param key 64 bytes: the key and zeros
 */
export function initialiseHmac(context: usize, key: usize): void {
  hashKey(key, 0x36363636, context + INNER_STATE);
  hashKey(key, 0x5c5c5c5c, context + OUTER_STATE);
}

function hashKey(key: usize, pad: u32, state: usize): void {
  const block = WORDS;
  for (let word: usize = 0; word < 16; word++) {
    v128.store(block + (word << 4), i32x4.splat(bswap<u32>(load<u32>(key + (word << 2))) ^ pad));
  }
  v128.store(STATE, i32x4.splat(0x67452301));
  v128.store(STATE, i32x4.splat(0xefcdab89), 16);
  v128.store(STATE, i32x4.splat(0x98badcfe), 32);
  v128.store(STATE, i32x4.splat(0x10325476), 48);
  v128.store(STATE, i32x4.splat(0xc3d2e1f0), 64);
  compress();
  for (let word: usize = 0; word < HASH_WORDS; word++) store<u32>(state + (word << 2), load<u32>(STATE + (word << 4)));
}

function hashMessages(): void {
  jobsBegun = 0;
  let working: i32 = 0;
  for (let lane: usize = 0; lane < LANES; lane++) working += begin(lane);
  while (working > 0) {
    const blocks = fewestBlocksLeft();
    advance(blocks);
    for (let lane: usize = 0; lane < LANES; lane++) {
      const left = load<u32>(BLOCKS_LEFT + (lane << 2)) - blocks;
      store<u32>(BLOCKS_LEFT + (lane << 2), left);
      if (left == 0) {
        keepInnerHash(lane);
        working += begin(lane) - 1;
      }
    }
  }
}

/** Gives a lane the next message. @returns whether there was one */
function begin(lane: usize): i32 {
  if (jobsBegun == jobs) {
    store<u32>(NEXT_BLOCK + (lane << 2), <u32>NO_MESSAGE);
    store<u32>(BLOCKS_LEFT + (lane << 2), FOREVER);
    return 0;
  }
  const job = JOBS + jobsBegun * JOB_BYTES;
  const message: usize = load<u32>(job);
  const context: usize = load<u32>(job, 8);
  store<u32>(NEXT_BLOCK + (lane << 2), <u32>message);
  store<u32>(BLOCKS_LEFT + (lane << 2), pad(message, load<u32>(job, 4), load<u32>(job, 12)));
  store<u32>(LANE_JOB + (lane << 2), <u32>jobsBegun);
  loadState(lane, context + INNER_STATE);
  jobsBegun++;
  return 1;
}

/** Writes rollover counter and padding of SHA-1 behind the message. @returns its blocks with them */
function pad(message: usize, bytes: usize, rolloverCounter: u32): u32 {
  const end = message + bytes;
  store<u32>(end, rolloverCounter);
  // Behind the counter at least 9 bytes of padding, up to the end of a block.
  const blocks = (bytes + 4 + 9 + HASH_BLOCK_BYTES - 1) / HASH_BLOCK_BYTES;
  const paddedEnd = message + blocks * HASH_BLOCK_BYTES;
  for (let at = end + 4; at < paddedEnd; at += 16) v128.store(at, i32x4.splat(0));
  store<u8>(end + 4, 0x80);
  // The length counts the block of the key too.
  store<u32>(paddedEnd - 4, bswap<u32>(<u32>((HASH_BLOCK_BYTES + bytes + 4) << 3)));
  return <u32>blocks;
}

function fewestBlocksLeft(): u32 {
  const first = min(load<u32>(BLOCKS_LEFT), load<u32>(BLOCKS_LEFT, 4));
  return min(first, min(load<u32>(BLOCKS_LEFT, 8), load<u32>(BLOCKS_LEFT, 12)));
}

/** Hashes so many blocks of each lane. */
function advance(blocks: u32): void {
  let block0: usize = load<u32>(NEXT_BLOCK);
  let block1: usize = load<u32>(NEXT_BLOCK, 4);
  let block2: usize = load<u32>(NEXT_BLOCK, 8);
  let block3: usize = load<u32>(NEXT_BLOCK, 12);
  const step0 = stepOf(block0);
  const step1 = stepOf(block1);
  const step2 = stepOf(block2);
  const step3 = stepOf(block3);
  for (let block: u32 = 0; block < blocks; block++) {
    for (let at: usize = 0; at < HASH_BLOCK_BYTES; at += 16) transpose(block0 + at, block1 + at, block2 + at, block3 + at, WORDS + (at << 2));
    compress();
    block0 += step0;
    block1 += step1;
    block2 += step2;
    block3 += step3;
  }
  store<u32>(NEXT_BLOCK, <u32>block0);
  store<u32>(NEXT_BLOCK, <u32>block1, 4);
  store<u32>(NEXT_BLOCK, <u32>block2, 8);
  store<u32>(NEXT_BLOCK, <u32>block3, 12);
}

@inline
function stepOf(block: usize): usize {
  return block == NO_MESSAGE ? 0 : HASH_BLOCK_BYTES;
}

/** Four words of each of four messages become four vectors with a word of each message. */
@inline
function transpose(from0: usize, from1: usize, from2: usize, from3: usize, to: usize): void {
  const message0 = v128.load(from0);
  const message1 = v128.load(from1);
  const message2 = v128.load(from2);
  const message3 = v128.load(from3);
  const low01 = v128.shuffle<u32>(message0, message1, 0, 4, 1, 5);
  const low23 = v128.shuffle<u32>(message2, message3, 0, 4, 1, 5);
  const high01 = v128.shuffle<u32>(message0, message1, 2, 6, 3, 7);
  const high23 = v128.shuffle<u32>(message2, message3, 2, 6, 3, 7);
  v128.store(to, fromNetworkOrder(v128.shuffle<u64>(low01, low23, 0, 2)));
  v128.store(to, fromNetworkOrder(v128.shuffle<u64>(low01, low23, 1, 3)), 16);
  v128.store(to, fromNetworkOrder(v128.shuffle<u64>(high01, high23, 0, 2)), 32);
  v128.store(to, fromNetworkOrder(v128.shuffle<u64>(high01, high23, 1, 3)), 48);
}

@inline
function fromNetworkOrder(words: v128): v128 {
  return v128.shuffle<u8>(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

function keepInnerHash(lane: usize): void {
  const job: usize = load<u32>(LANE_JOB + (lane << 2));
  const from = STATE + (lane << 2);
  const to = innerHashesOf(job) + ((job % LANES) << 2);
  for (let word: usize = 0; word < HASH_WORDS; word++) store<u32>(to + (word << 4), load<u32>(from + (word << 4)));
}

@inline
function innerHashesOf(job: usize): usize {
  return INNER_HASHES + (job / LANES) * 80;
}

/** The outer hashes of four jobs, or of those that there are, and their tags. */
function hashHashes(first: usize): void {
  const end = min(first + LANES, jobs);
  for (let job = first; job < end; job++) loadState(job - first, <usize>load<u32>(JOBS + job * JOB_BYTES, 8) + OUTER_STATE);
  const innerHashes = innerHashesOf(first);
  for (let at: usize = 0; at < 80; at += 16) v128.store(WORDS + at, v128.load(innerHashes + at));
  v128.store(WORDS, i32x4.splat(0x80000000), 80);
  for (let at: usize = 96; at < 240; at += 16) v128.store(WORDS + at, i32x4.splat(0));
  v128.store(WORDS, i32x4.splat((64 + 20) << 3), 240);
  compress();
  for (let job = first; job < end; job++) writeTag(job, job - first);
}

function writeTag(job: usize, lane: usize): void {
  const record = JOBS + job * JOB_BYTES;
  const tag: usize = load<u32>(record) + load<u32>(record, 4);
  const state = STATE + (lane << 2);
  store<u32>(tag, bswap<u32>(load<u32>(state)));
  store<u32>(tag, bswap<u32>(load<u32>(state, 16)), 4);
  store<u16>(tag, bswap<u16>(<u16>(load<u32>(state, 32) >> 16)), 8);
}

function loadState(lane: usize, from: usize): void {
  const to = STATE + (lane << 2);
  for (let word: usize = 0; word < HASH_WORDS; word++) store<u32>(to + (word << 4), load<u32>(from + (word << 2)));
}
