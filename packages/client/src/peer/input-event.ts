import { type JsonObject, isJsonObject, parseJsonObject } from '../web-socket/json-object.ts';
import type { PeerId } from './envelope.ts';

/** What a mouse does. */
export interface MouseInput {
  readonly type: 'mouse-click' | 'mouse-move';
  /** Pixels of the picture, from its left. */
  readonly x: number;
  /** Pixels of the picture, from its top. */
  readonly y: number;
  /** By custom `left`, `middle`, `right`, `back`, `forward`; with a move the one that is held, if any. */
  readonly button?: string | undefined;
  /** By custom `down`, `up`, `click`, `move`. */
  readonly action?: string | undefined;
  /** Keys that are held: by custom `ctrl`, `shift`, `alt`, `meta`. */
  readonly modifiers?: readonly string[] | undefined;
}

/** What a keyboard does. */
export interface KeyInput {
  readonly type: 'key-press';
  /** What the key means: `KeyboardEvent.key`. */
  readonly key: string;
  /** Where the key is: `KeyboardEvent.code`. */
  readonly keyCode?: string | undefined;
  /** By custom `down`, `up`, `press`. */
  readonly action?: string | undefined;
  readonly modifiers?: readonly string[] | undefined;
  /** The key is held, and the keyboard repeats it. */
  readonly repeat?: boolean | undefined;
}

/** What a viewer does who controls a stream. */
export type InputEvent = MouseInput | KeyInput;

/** What a publisher is told of it. */
export type ReceivedInput = InputEvent & {
  /** `peer_id` of the viewer, where the server says it. */
  readonly from?: PeerId;
};

/** `data` of a message. */
export function inputData(event: InputEvent): JsonObject {
  const { type, ...fields } = event;
  if (type !== 'key-press' || !('key' in fields)) return fields;
  const { keyCode, ...rest } = fields;
  return { ...rest, key_code: keyCode };
}

/** Undefined when it is no input. Other programs may write buttons and key codes as numbers; they become texts. */
export function decodeInput(type: string, data: JsonObject): ReceivedInput | undefined {
  const input = type === 'key-press' ? decodeKey(data) : decodeMouse(type, data);
  const { from } = data;
  return input && (typeof from === 'string' || typeof from === 'number') ? { ...input, from } : input;
}

/** An input as it comes over a publisher's data channel `input`; undefined when the text is none. */
export function decodeInputMessage(text: string): ReceivedInput | undefined {
  const { type, data } = parseJsonObject(text) ?? {};
  return typeof type === 'string' && isJsonObject(data) ? decodeInput(type, data) : undefined;
}

function decodeMouse(type: string, data: JsonObject): MouseInput | undefined {
  const { x, y } = data;
  if (type !== 'mouse-click' && type !== 'mouse-move') return undefined;
  if (typeof x !== 'number' || typeof y !== 'number') return undefined;
  const common = decodeCommon(data);
  return common && { type, x, y, button: textOf(data['button']), ...common };
}

function decodeKey(data: JsonObject): KeyInput | undefined {
  const { key, repeat } = data;
  if (typeof key !== 'string' || (repeat !== undefined && typeof repeat !== 'boolean')) return undefined;
  const common = decodeCommon(data);
  return common && { type: 'key-press', key, keyCode: textOf(data['key_code']), ...common, repeat };
}

function decodeCommon({ action, modifiers }: JsonObject): { readonly action: string | undefined; readonly modifiers: readonly string[] } | undefined {
  if (action !== undefined && typeof action !== 'string') return undefined;
  if (modifiers === undefined) return { action, modifiers: [] };
  return Array.isArray(modifiers) && modifiers.every((modifier) => typeof modifier === 'string') ? { action, modifiers } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
