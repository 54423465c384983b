import { MemoryLogger } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { adjustable } from './log-level.ts';

test('a changed level counts for loggers that were made before', () => {
  const memory = new MemoryLogger();
  const logger = adjustable(memory, 'warn');
  const grandchild = logger.child({ plugin: 'a' }).child({ stream: 'b' });
  grandchild.info('quiet');
  logger.setLevel('debug');
  grandchild.debug({ x: 1 }, 'heard');
  logger.setLevel('silent');
  grandchild.error('hushed');
  expect(memory.lines).toMatchObject([{ level: 'debug', message: 'heard', fields: { plugin: 'a', stream: 'b', x: 1 } }]);
});
