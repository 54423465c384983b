import { expect, test } from 'vitest';
import { stateWords, waitingWords } from './session-words.ts';

const play = { kind: 'play', source: undefined } as const;
const publish = { kind: 'publish', source: 'camera' } as const;

test('a viewer waits for the stream, a publisher for the camera and the server', () => {
  expect(waitingWords(play, { name: 'negotiating' })).toBe('Waiting for the stream…');
  expect(waitingWords(publish, { name: 'capturing' })).toBe('Waiting for the camera…');
  expect(waitingWords({ ...publish, source: 'screen' }, { name: 'capturing' })).toBe('Choose what to share…');
  expect(waitingWords(publish, { name: 'negotiating' })).toBe('Asking the server…');
});

test('nothing is waited for when the picture is there', () => {
  expect(waitingWords(play, { name: 'connected' })).toBeUndefined();
});

test('an ending is a failure or not', () => {
  expect(stateWords({ name: 'ended', words: '', failed: true })).toBe('Failed');
  expect(stateWords({ name: 'ended', words: '', failed: false })).toBe('Ended');
});
