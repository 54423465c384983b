const ROUNDS = 80;
const WORDS = 16;

/** Functions and constants of 20 rounds each (RFC 3174 section 5), with the fewest operations. */
const STAGES = [
  { constant: '0x5a827999', mix: (b, c, d) => `xor(${d}, and(${b}, xor(${c}, ${d})))` },
  { constant: '0x6ed9eba1', mix: (b, c, d) => `xor(xor(${c}, ${d}), ${b})` },
  { constant: '0x8f1bbcdc', mix: (b, c, d) => `or(and(${b}, ${c}), and(${d}, or(${b}, ${c})))` },
  { constant: '0xca62c1d6', mix: (b, c, d) => `xor(xor(${c}, ${d}), ${b})` },
];

/**
 * AssemblyScript of SHA-1 on four messages at a time, with all its rounds written out: names take the place of
 * moves, and the compiler sees which of the words are needed.
 */
export function sha1Source() {
  return `${HEAD}
export function compress(): void {
  let a = v128.load(STATE), b = v128.load(STATE, 16), c = v128.load(STATE, 32), d = v128.load(STATE, 48), e = v128.load(STATE, 64);
  let k: v128;
${loads()}
${rounds()}
${['a', 'b', 'c', 'd', 'e'].map((name, index) => `  v128.store(STATE, add(v128.load(STATE, ${16 * index}), ${name}), ${16 * index});`).join('\n')}
}
`;
}

const HEAD = `
/** a to e of SHA-1, a vector each with a word of each message. */
export const STATE: usize = memory.data(80, 16);
/** The 16 words of the blocks to be hashed, a vector each. */
export const WORDS: usize = memory.data(256, 16);

@inline function add(x: v128, y: v128): v128 { return i32x4.add(x, y); }
@inline function and(x: v128, y: v128): v128 { return v128.and(x, y); }
@inline function or(x: v128, y: v128): v128 { return v128.or(x, y); }
@inline function xor(x: v128, y: v128): v128 { return v128.xor(x, y); }
@inline function rotate(x: v128, bits: i32): v128 { return or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits)); }
/** Adds what does not depend on the round before first, so that it need not wait. */
@inline function sum(e: v128, word: v128, k: v128, mixed: v128, a: v128): v128 {
  return add(add(e, add(word, k)), add(mixed, rotate(a, 5)));
}
`;

function loads() {
  return Array.from({ length: WORDS }, (_, index) => `  let w${index} = v128.load(WORDS, ${16 * index});`).join('\n');
}

function rounds() {
  const lines = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { constant, mix } = STAGES[Math.floor(round / 20)];
    if (round % 20 === 0) lines.push(`  k = i32x4.splat(${constant});`);
    if (round >= WORDS) lines.push(`  ${word(round)} = ${expanded(round)};`);
    const [a, b, c, d, e] = namesIn(round);
    lines.push(`  ${e} = sum(${e}, ${word(round)}, k, ${mix(b, c, d)}, ${a}); ${b} = rotate(${b}, 30);`);
  }
  return lines.join('\n');
}

/** The next of the expanded words, in the place of the one that is needed no more. */
function expanded(round) {
  return `rotate(xor(xor(${word(round - 3)}, ${word(round - 8)}), xor(${word(round - 14)}, ${word(round - 16)})), 1)`;
}

function word(round) {
  return `w${round % WORDS}`;
}

/** Each round names what it has made `a`, and the others one further, so that e is the next a. */
function namesIn(round) {
  const names = ['a', 'b', 'c', 'd', 'e'];
  return names.map((_, index) => names[(index + ROUNDS - round) % 5]);
}
