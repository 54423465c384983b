import { MemoryLogger } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { announce } from './announce.ts';

function said(changes: { addresses?: string[]; inContainer?: boolean }) {
  const logger = new MemoryLogger();
  const { addresses = ['203.0.113.7', '127.0.0.1'], inContainer = false } = changes;
  const localCandidates = addresses.map((address) => ({ protocol: 'udp', address, port: 8000, type: 'host' }));
  announce(logger, { engine: { localCandidates, port: 8000 }, inContainer });
  return logger.lines;
}

function warnings(changes: Parameters<typeof said>[0]): string[] {
  return said(changes).filter(({ level }) => level === 'warn').map(({ message }) => message);
}

test('says where media is offered', () => {
  const [line, ...others] = said({ addresses: ['203.0.113.7', '2001:db8::7'] });
  expect(others).toEqual([]);
  expect(line).toMatchObject({ level: 'info', message: 'Media is offered on port 8000 of 203.0.113.7, 2001:db8::7' });
  expect(line?.fields).toMatchObject({ candidates: ['udp 203.0.113.7:8000', 'udp [2001:db8::7]:8000'] });
});

test.each([
  ['nobody else can connect', { addresses: ['127.0.0.1', '::1'] }, 'loopback address only'],
  ['only this network can connect', { addresses: ['192.168.1.5', 'fd00::5', '127.0.0.1'] }, 'private addresses only (192.168.1.5, fd00::5)'],
  ['only the host of the container can connect', { addresses: ['172.17.0.2', '127.0.0.1'], inContainer: true }, 'addresses of this container only (172.17.0.2)'],
])('warns when %s', (_who, changes, words) => {
  expect(warnings(changes)).toEqual([expect.stringContaining(words)]);
});

test('does not warn when one address is public, also beside private ones', () => {
  expect(warnings({ addresses: ['203.0.113.7', '172.17.0.2'], inContainer: true })).toEqual([]);
});
