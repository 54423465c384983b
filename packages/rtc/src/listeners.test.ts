import type { Logger } from '@sluice/core';
import { settle } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import { Listeners } from './listeners.ts';

it('a listener that throws or rejects is logged, and the others run', async () => {
  const logged: unknown[] = [];
  const logger = { error: (fields: unknown) => logged.push(fields) } as Partial<Logger> as Logger;
  const listeners = new Listeners<[string]>(logger);
  const heard: string[] = [];
  const thrown = new Error('thrown');
  const rejected = new Error('rejected');
  listeners.add(() => {
    throw thrown;
  });
  listeners.add(async () => {
    throw rejected;
  });
  listeners.add((word) => heard.push(word));
  listeners.emit('hello');
  await settle();
  expect(heard).toEqual(['hello']);
  expect(logged).toEqual([{ err: thrown }, { err: rejected }]);
});
