import { expect, expectTypeOf, test, vi } from 'vitest';
import { Emitter } from './emitter.ts';

interface Events {
  readonly said: string;
  readonly ended: undefined;
}

test('listeners get their events until they are taken away', () => {
  const emitter = new Emitter<Events>();
  const heard: string[] = [];
  const off = emitter.on('said', (text) => heard.push(`1 ${text}`));
  emitter.once('said', (text) => heard.push(`2 ${text}`));
  emitter.on('ended', () => heard.push('ended'));
  emitter.emit('said', 'a');
  emitter.emit('said', 'b');
  off();
  emitter.emit('said', 'c');
  emitter.emit('ended', undefined);
  expect(heard).toEqual(['1 a', '2 a', '1 b', 'ended']);
});

test('listeners may come and go while an event is told', () => {
  const emitter = new Emitter<Events>();
  const late = vi.fn<(text: string) => void>();
  emitter.on('said', () => void emitter.on('said', late));
  emitter.emit('said', 'a');
  expect(late).not.toHaveBeenCalled();
  emitter.emit('said', 'b');
  expect(late).toHaveBeenCalledOnce();
});

test('a listener that throws is reported, and the others run', () => {
  const reported: (() => void)[] = [];
  const queue = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => void reported.push(task));
  const emitter = new Emitter<Events>();
  const other = vi.fn<(text: string) => void>();
  emitter.on('said', () => {
    throw new Error('mine');
  });
  emitter.on('said', other);
  emitter.emit('said', 'a');
  queue.mockRestore();
  expect(other).toHaveBeenCalledExactlyOnceWith('a');
  expect(reported).toHaveLength(1);
  expect(reported[0]).toThrow('mine');
});

test('events are typed by their names', () => {
  const emitter = new Emitter<Events>();
  emitter.on('said', (text) => expectTypeOf(text).toBeString());
  // @ts-expect-error no such event
  emitter.on('nothing', () => undefined);
  // @ts-expect-error something must be said
  emitter.emit('said');
});

test('a listener for the next event only can be taken away by itself', () => {
  const emitter = new Emitter<{ readonly said: string }>();
  const heard: string[] = [];
  const listener = (text: string): void => void heard.push(text);
  emitter.once('said', listener);
  emitter.off('said', listener);
  emitter.emit('said', 'a');
  emitter.once('said', listener);
  emitter.emit('said', 'b');
  emitter.emit('said', 'c');
  expect(heard).toEqual(['b']);
});
