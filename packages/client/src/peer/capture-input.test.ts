import { FakeClock } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { captureInput } from './capture-input.ts';
import type { InputEvent } from './input-event.ts';
import { picturePoint } from './picture-point.ts';

/** A video of 1280 × 720 in a box of 640 × 640, so that there are bars above and below. */
class FakeVideo extends EventTarget {
  tabIndex = -1;
  readonly videoWidth = 1280;
  readonly videoHeight = 720;
  readonly clientWidth = 640;
  readonly clientHeight = 640;
  focused = false;

  getBoundingClientRect() {
    return { left: 10, top: 20, width: 640, height: 640 };
  }

  setPointerCapture(): void {
    // Nothing to capture.
  }

  focus(): void {
    this.focused = true;
  }
}

function capture() {
  const clock = new FakeClock();
  const video = new FakeVideo();
  const sent: InputEvent[] = [];
  const stop = captureInput(video as unknown as HTMLElement, { sendInput: (event) => sent.push(event) > 0 }, { clock });
  const fire = (type: string, fields: object = {}) => {
    const event = Object.assign(new Event(type, { cancelable: true }), { ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...fields });
    video.dispatchEvent(event);
    return event;
  };
  return { clock, video, sent, stop, fire };
}

test('places of the page become places of the picture, also beside it', () => {
  const box = { left: 10, top: 20, width: 640, height: 640 };
  const picture = { width: 1280, height: 720 };
  expect(picturePoint({ clientX: 330, clientY: 340 }, box, picture)).toEqual({ x: 640, y: 360 });
  expect(picturePoint({ clientX: 0, clientY: 20 }, box, picture)).toEqual({ x: 0, y: 0 });
  expect(picturePoint({ clientX: 900, clientY: 659 }, box, picture)).toEqual({ x: 1279, y: 719 });
  expect(picturePoint({ clientX: 5, clientY: 5 }, { ...box, width: 0 }, { width: 0, height: 0 })).toEqual({ x: 0, y: 0 });
});

test('moves come no more often than they may, the latest of them, and before the click that they lead to', async () => {
  const { clock, video, sent, fire } = capture();
  for (const clientX of [10, 11, 12]) fire('pointermove', { clientX, clientY: 340, button: -1 });
  expect(sent.map((event) => 'x' in event && event.x)).toEqual([0]);
  expect(clock.pending).toBe(1);
  await clock.advance(16);
  expect(sent.map((event) => 'x' in event && event.x)).toEqual([0, 4]);
  fire('pointermove', { clientX: 13, clientY: 340, button: -1 });
  fire('pointerdown', { clientX: 13, clientY: 340, button: 2, ctrlKey: true, pointerId: 1 });
  expect(sent.slice(2)).toEqual([
    { type: 'mouse-move', x: 6, y: 360, action: 'move', modifiers: [] },
    { type: 'mouse-click', x: 6, y: 360, button: 'right', action: 'down', modifiers: ['ctrl'] },
  ]);
  await clock.advance(100);
  expect([sent.length, video.focused, video.tabIndex]).toEqual([4, true, 0]);
});

test('keys go to the other side alone, and are let go with the focus', () => {
  const { sent, stop, fire } = capture();
  expect(fire('keydown', { key: 'A', code: 'KeyA', repeat: true, shiftKey: true }).defaultPrevented).toBe(true);
  fire('keydown', { key: 'b', code: 'KeyB', repeat: false });
  fire('keyup', { key: 'b', code: 'KeyB', repeat: false });
  fire('blur');
  expect(sent.map((event) => event.type === 'key-press' && [event.keyCode, event.action, event.repeat])).toEqual([['KeyA', 'down', true], ['KeyB', 'down', false], ['KeyB', 'up', false], ['KeyA', 'up', false]]);
  stop();
  fire('keydown', { key: 'c', code: 'KeyC', repeat: false });
  expect(sent).toHaveLength(4);
});
