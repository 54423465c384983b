import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

function logged(fields: Record<string, unknown>): string {
  const lines: string[] = [];
  createLogger({ level: 'info' }, { write: (line) => void lines.push(line) }).info(fields, 'said');
  return lines.join('');
}

test('secrets do not reach the log, at whatever depth a request holds them', () => {
  const line = logged({
    token: 'hush-1',
    request: { query: 'key=hush-2', params: { key: 'hush-3' }, credentials: { token: 'hush-4' } },
    deeper: { headers: { authorization: 'Bearer hush-5', cookie: 'hush-6' } },
    url: 'rtc://host/live/cam?key=hush-7',
    text: 'GET /whip/a/b?x=1&token=hush-8&y=2 HTTP/1.1',
    header: 'Bearer hush-9 and basic aHVzaC0xMA==',
    err: new Error('a=ice-ufrag:abcd\r\na=ice-pwd:hush-11\r\na=mid:0'),
  });
  expect(line).toContain('said');
  expect(line).toContain('rtc://host/live/cam?[redacted]');
  expect(line).toContain('x=1&token=[redacted]&y=2');
  expect(line).toContain('a=ice-pwd:[redacted]\\r\\na=mid:0');
  expect(line).not.toMatch(/hush|aHVz/);
  expect(JSON.parse(line)).toHaveProperty('level', 30);
});

test('what is below the level is not written', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'warn' }, { write: (line) => void lines.push(line) });
  logger.info('quiet');
  logger.warn('loud');
  expect(lines).toHaveLength(1);
});
