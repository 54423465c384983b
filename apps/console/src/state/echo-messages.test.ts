import { expect, test } from 'vitest';
import { createEchoMessages } from './echo-messages.ts';

test('measures how long a message was away', () => {
  let now = 100;
  const echo = createEchoMessages(() => now);
  echo.sent('hello');
  expect(echo.messages.value).toMatchObject([{ text: 'hello', roundTripMs: undefined }]);
  now = 112;
  echo.received('hello');
  expect(echo.messages.value).toMatchObject([{ text: 'hello', roundTripMs: 12 }]);
});

test('of equal texts the oldest is back first', () => {
  let now = 0;
  const echo = createEchoMessages(() => now);
  echo.sent('a');
  now = 5;
  echo.sent('a');
  now = 8;
  echo.received('a');
  now = 9;
  echo.received('a');
  expect(echo.messages.value.map(({ roundTripMs }) => roundTripMs)).toEqual([8, 4]);
});

test('ignores what was never sent and forgets what is old', () => {
  const echo = createEchoMessages(() => 0);
  echo.received('stranger');
  expect(echo.messages.value).toEqual([]);
  for (let count = 1; count <= 25; count += 1) echo.sent(String(count));
  expect(echo.messages.value.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, at) => String(at + 6)));
});
