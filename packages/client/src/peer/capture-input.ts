import { type Clock, systemClock } from '../time/clock.ts';
import type { InputEvent, KeyInput, MouseInput } from './input-event.ts';
import { picturePoint } from './picture-point.ts';

/** By `MouseEvent.button`. */
const BUTTONS = ['left', 'middle', 'right', 'back', 'forward'];

/** How input is captured. */
export interface InputCaptureOptions {
  /** Moves come at most this often, milliseconds; what comes between is told by the next. Default 16. */
  readonly moveIntervalMs?: number | undefined;
  /** Size of the picture, pixels. Default: the video's own, or the element's. */
  readonly picture?: (() => { readonly width: number; readonly height: number }) | undefined;
  /** Default: the platform's. */
  readonly clock?: Clock | undefined;
}

/** Who takes what is captured: a `PeerClient`. */
export interface InputTarget {
  sendInput(event: InputEvent): boolean;
}

/**
 * Sends what mouse and keyboard do at an element, such as the video of a desktop. Places are pixels of the picture. The element can take the focus, and has it
 * from the first click on; what the keys would do in the page they do not. Keys that are held when the focus goes are let go.
 * @returns what ends it
 */
export function captureInput(element: HTMLElement, target: InputTarget, options: InputCaptureOptions = {}): () => void {
  const capture = new InputCapture(element, target, options);
  return () => capture.stop();
}

class InputCapture {
  readonly #element: HTMLElement;
  readonly #target: InputTarget;
  readonly #clock: Clock;
  readonly #moveIntervalMs: number;
  readonly #picture: () => { readonly width: number; readonly height: number };
  readonly #listening = new AbortController();
  readonly #held = new Map<string, KeyInput>();
  #move: MouseInput | undefined;
  #movedAt = -Infinity;
  #cancelMove: () => void = () => undefined;

  constructor(element: HTMLElement, target: InputTarget, { moveIntervalMs = 16, picture, clock = systemClock }: InputCaptureOptions) {
    this.#element = element;
    this.#target = target;
    this.#clock = clock;
    this.#moveIntervalMs = moveIntervalMs;
    this.#picture = picture ?? (() => pictureOf(element));
    if (element.tabIndex < 0) element.tabIndex = 0;
    const { signal } = this.#listening;
    element.addEventListener('pointermove', (event) => this.#moved(event), { signal });
    element.addEventListener('pointerdown', (event) => this.#pressed(event), { signal });
    element.addEventListener('pointerup', (event) => this.#clicked(event, 'up'), { signal });
    element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    element.addEventListener('keydown', (event) => this.#typed(event, 'down'), { signal });
    element.addEventListener('keyup', (event) => this.#typed(event, 'up'), { signal });
    element.addEventListener('blur', () => this.#releaseKeys(), { signal });
  }

  stop(): void {
    this.#listening.abort();
    this.#cancelMove();
    this.#releaseKeys();
  }

  #moved(event: PointerEvent): void {
    const isFirst = this.#move === undefined;
    this.#move = this.#mouse('mouse-move', event, 'move');
    if (!isFirst) return;
    const waitMs = this.#movedAt + this.#moveIntervalMs - this.#clock.monotonic();
    if (waitMs <= 0) this.#flushMove();
    else this.#cancelMove = this.#clock.setTimeout(() => this.#flushMove(), waitMs);
  }

  #pressed(event: PointerEvent): void {
    // The end of a drag may be outside.
    this.#element.setPointerCapture(event.pointerId);
    this.#element.focus();
    this.#clicked(event, 'down');
  }

  /** Behind the move that led there. */
  #clicked(event: PointerEvent, action: string): void {
    this.#flushMove();
    this.#target.sendInput(this.#mouse('mouse-click', event, action));
  }

  #typed(event: KeyboardEvent, action: string): void {
    event.preventDefault();
    this.#flushMove();
    const { key, code, repeat } = event;
    const input: KeyInput = { type: 'key-press', key, keyCode: code, action, modifiers: modifiersOf(event), repeat };
    if (action === 'down') this.#held.set(code, input);
    else this.#held.delete(code);
    this.#target.sendInput(input);
  }

  #releaseKeys(): void {
    for (const input of this.#held.values()) this.#target.sendInput({ ...input, action: 'up', repeat: false });
    this.#held.clear();
  }

  #flushMove(): void {
    this.#cancelMove();
    if (!this.#move) return;
    this.#movedAt = this.#clock.monotonic();
    this.#target.sendInput(this.#move);
    this.#move = undefined;
  }

  #mouse(type: MouseInput['type'], event: PointerEvent, action: string): MouseInput {
    const place = picturePoint(event, this.#element.getBoundingClientRect(), this.#picture());
    // A move has -1, and the held ones in a mask.
    const button = BUTTONS[event.button];
    return { type, ...place, action, modifiers: modifiersOf(event), ...(button === undefined ? {} : { button }) };
  }
}

function pictureOf(element: HTMLElement): { readonly width: number; readonly height: number } {
  const { videoWidth = 0, videoHeight = 0 }: { readonly clientWidth: number; readonly videoWidth?: number; readonly videoHeight?: number } = element;
  return videoWidth > 0 && videoHeight > 0 ? { width: videoWidth, height: videoHeight } : { width: element.clientWidth, height: element.clientHeight };
}

function modifiersOf({ ctrlKey, shiftKey, altKey, metaKey }: MouseEvent | KeyboardEvent): readonly string[] {
  const held: [string, boolean][] = [
    ['ctrl', ctrlKey],
    ['shift', shiftKey],
    ['alt', altKey],
    ['meta', metaKey],
  ];
  return held.filter(([, isHeld]) => isHeld).map(([name]) => name);
}
