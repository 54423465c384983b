import { PeerError } from './errors.ts';
import { type Fields, isAbsent, isNumber, invalid, optionalFlag, optionalText, requiredNumber, textList } from './fields.ts';

export const INPUT_TYPES = ['mouse-click', 'mouse-move', 'key-press'] as const;

/** One of {@link INPUT_TYPES}. */
export type InputType = (typeof INPUT_TYPES)[number];

/** Bytes as JSON: with what is around it, a message that every publisher takes. */
const MAX_BYTES = 16_384;

const LISTED = new Set(['modifiers']);

export function isInputType(type: string): type is InputType {
  return INPUT_TYPES.some((name) => name === type);
}

/**
 * What a viewer has done, checked. Other fields are passed on as far as they are scalars.
 * @throws PeerError DATA_INVALID
 */
export function readInput(type: InputType, data: Fields): Fields {
  if (type === 'key-press') checkKey(data);
  else checkMouse(data);
  optionalText(data, 'action');
  const modifiers = textList(data, 'modifiers');
  const scalars = Object.entries(data).filter(([name, value]) => !LISTED.has(name) && isScalar(value));
  const input = { ...Object.fromEntries(scalars), modifiers };
  if (Buffer.byteLength(JSON.stringify(input)) > MAX_BYTES) throw new PeerError('DATA_INVALID', `data must have at most ${MAX_BYTES} bytes as JSON.`);
  return input;
}

function checkMouse(data: Fields): void {
  requiredNumber(data, 'x');
  requiredNumber(data, 'y');
  const { button } = data;
  // Browsers number the buttons, others name them.
  if (!isAbsent(button) && !Number.isInteger(button) && typeof button !== 'string') throw invalid('button', 'a number or a name such as "left"');
}

function checkKey(data: Fields): void {
  const key = optionalText(data, 'key');
  // Some clients number the keys, others name them as KeyboardEvent.code does.
  const keyCode = isNumber(data['key_code']) ? data['key_code'] : optionalText(data, 'key_code');
  if (key === undefined && keyCode === undefined) throw invalid('key', 'a text, or data.key_code a number or a text');
  optionalFlag(data, 'repeat');
}

function isScalar(value: unknown): boolean {
  return isNumber(value) || typeof value === 'boolean' || (typeof value === 'string' && value.length <= 1_024);
}
