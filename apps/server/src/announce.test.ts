import { MemoryLogger } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { announce } from './announce.ts';

function said(changes: { addresses?: string[]; host?: string; hooked?: boolean }): string[] {
  const logger = new MemoryLogger();
  const { addresses = ['192.0.2.7', '127.0.0.1'], host = '127.0.0.1', hooked = false } = changes;
  announce(logger, { engine: { addresses, port: 8000 }, manager: { hasHook: () => hooked }, host, httpPort: 8080 });
  return logger.lines.map(({ level, message }) => `${level}: ${message}`);
}

test('says where media is offered', () => {
  expect(said({})).toEqual(['info: Media is offered on port 8000 of 192.0.2.7, 127.0.0.1']);
});

test('warns when nobody else can connect', () => {
  expect(said({ addresses: ['127.0.0.1', '::1'] })).toEqual([expect.stringMatching(/^warn: .*loopback address only/)]);
});

test('warns when everybody may publish', () => {
  expect(said({ host: '0.0.0.0' })[1]).toMatch(/^warn: No publish hook .* port 8080 may publish/);
  expect(said({ host: '0.0.0.0', hooked: true })).toHaveLength(1);
});
