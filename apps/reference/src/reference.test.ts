import { expect, test } from 'vitest';
import { readReference } from './reference.ts';

test('everything that the client exports has docs, and no link in them leads nowhere', async () => {
  expect((await readReference()).complaints).toEqual([]);
}, 60_000);
