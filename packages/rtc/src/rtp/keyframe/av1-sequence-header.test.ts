import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSequenceHeader } from './av1-sequence-header.ts';

/** A value and how many bits it takes. */
type Field = readonly [value: number, bits: number];

function pack(fields: readonly Field[]): Uint8Array {
  const text = fields.map(([value, bits]) => value.toString(2).padStart(bits, '0')).join('');
  return Uint8Array.from(text.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

interface Header {
  readonly timing: 'none' | 'fixed' | 'variable';
  readonly delayBits: number | undefined;
  readonly initialDelays: boolean;
  readonly levels: readonly number[];
}

/** What comes before the size (AV1 section 5.5.1), as a writer would write it. */
function beforeSize({ timing, delayBits, initialDelays, levels }: Header): Field[] {
  const hasModel = timing !== 'none' && delayBits !== undefined;
  const timingInfo: Field[] = [[1, 32], [30, 32], [timing === 'fixed' ? 1 : 0, 1], ...(timing === 'fixed' ? [[0b00101, 5] as const] : [])];
  const model: Field[] = hasModel ? [[1, 1], [delayBits - 1, 5], [1, 32], [3, 5], [4, 5]] : [[0, 1]];
  const points = levels.flatMap((level): Field[] => [
    [0xfff, 12],
    [level, 5],
    ...(level > 7 ? [[1, 1] as const] : []),
    ...(hasModel ? ([[1, 1], [1, delayBits], [1, delayBits], [1, 1]] as const) : []),
    ...(initialDelays ? ([[1, 1], [9, 4]] as const) : []),
  ]);
  return [
    [0, 3], // seq_profile
    [0, 1], // still_picture
    [0, 1], // reduced_still_picture_header
    [timing === 'none' ? 0 : 1, 1],
    ...(timing === 'none' ? [] : [...timingInfo, ...model]),
    [initialDelays ? 1 : 0, 1],
    [levels.length - 1, 5],
    ...points,
  ];
}

const SIZE: Field[] = [[10, 4], [9, 4], [1280 - 1, 11], [720 - 1, 10]];

describe('AV1 sequence header', () => {
  it('is read behind any timing, decoder model and operating points', () => {
    const header = fc.record<Header>({
      timing: fc.constantFrom('none', 'fixed', 'variable'),
      delayBits: fc.option(fc.integer({ min: 1, max: 32 }), { nil: undefined }),
      initialDelays: fc.boolean(),
      levels: fc.array(fc.nat(31), { minLength: 1, maxLength: 32 }),
    });
    fc.assert(
      fc.property(header, (fields) => {
        expect(parseSequenceHeader(pack([...beforeSize(fields), ...SIZE]))).toEqual({ width: 1280, height: 720 });
      }),
    );
  });

  it('is read in its reduced form', () => {
    expect(parseSequenceHeader(pack([[0, 3], [1, 1], [1, 1], [8, 5], ...SIZE]))).toEqual({ width: 1280, height: 720 });
  });

  it('has no size when it is cut', () => {
    const whole = pack([[0, 3], [1, 1], [1, 1], [8, 5], ...SIZE]);
    expect(parseSequenceHeader(whole.subarray(0, -1))).toBeUndefined();
    expect(parseSequenceHeader(new Uint8Array(0))).toBeUndefined();
  });
});
