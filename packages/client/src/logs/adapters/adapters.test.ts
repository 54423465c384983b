import pino from 'pino';
import { expect, it, vi } from 'vitest';
import winston from 'winston';
import Transport from 'winston-transport';
import { type LogInput, encodeLogEntry } from '../encode-log-entry.ts';
import { type LogEntry, decodeLogEntry } from '../log-entry.ts';
import { captureConsole } from './console.ts';
import { pinoDestination } from './pino.ts';
import { winstonLog } from './winston.ts';

function collect() {
  const entries: LogEntry[] = [];
  const write = (input: LogInput): void => {
    const entry = decodeLogEntry(JSON.parse(encodeLogEntry(input, { target: 'app', now: 0, maxBytes: 60_000 }).text));
    if (entry) entries.push(entry);
  };
  return { entries, write };
}

it('the console goes to the log as well, until it is restored', () => {
  const { entries, write } = collect();
  const printed = vi.fn<(...parts: unknown[]) => void>();
  const fake = { error: printed, warn: printed, info: printed, log: printed, debug: printed };
  const restore = captureConsole({ write: (input) => {
    fake.log('from within');
    write(input);
  } }, { console: fake });
  fake.log('order', 4711, { state: 'paid' });
  fake.warn('twice', { a: 1 }, [2]);
  fake.error(new Error('broken'));
  fake.debug(undefined, null);
  const foreign = vi.fn<(...parts: unknown[]) => void>();
  fake.info = foreign;
  restore();
  fake.log('silent');
  expect(entries.map(({ level, message, fields }) => [level, message, fields])).toEqual([
    ['INFO', 'order 4711', { state: 'paid' }],
    ['WARN', 'twice', { 0: { a: 1 }, 1: [2] }],
    ['ERROR', 'broken', { error: expect.objectContaining({ name: 'Error', message: 'broken' }) as unknown }],
    ['DEBUG', 'undefined null', undefined],
  ]);
  expect([fake.log, fake.info]).toEqual([printed, foreign]);
  expect(printed).toHaveBeenCalledTimes(4 + 4 + 1);
});

it('the real pino writes to it', () => {
  const { entries, write } = collect();
  const logger = pino({ level: 'trace', name: 'shop' }, pinoDestination({ write }));
  logger.child({ trace_id: 't1', span_id: 's1' }).info({ order: 4711 }, 'paid');
  logger.fatal(new Error('broken'));
  logger.trace('fine');
  expect(entries).toEqual([
    { timestamp: expect.stringMatching(/^\d{4}-/) as unknown, level: 'INFO', target: 'shop', message: 'paid', fields: { trace_id: 't1', span_id: 's1', order: 4711 }, span: { id: 's1', trace_id: 't1' } },
    expect.objectContaining({ level: 'ERROR', message: 'broken', fields: { err: expect.objectContaining({ type: 'Error', message: 'broken' }) as unknown } }),
    expect.objectContaining({ level: 'DEBUG', message: 'fine' }),
  ]);
  pinoDestination({ write }).write('no JSON\n');
  expect(entries.at(-1)).toMatchObject({ level: 'INFO', target: 'app', message: 'no JSON' });
});

it('the real winston writes to it', () => {
  const { entries, write } = collect();
  const logger = winston.createLogger({ level: 'silly', transports: [new Transport({ log: winstonLog({ write }) })] });
  logger.info('paid', { order: 4711, trace_id: 't1' });
  logger.child({ label: 'db' }).error('broken');
  logger.silly('fine');
  logger.warn({ message: 'an object', timestamp: 'yesterday' });
  expect(entries).toEqual([
    { timestamp: '1970-01-01T00:00:00.000Z', level: 'INFO', target: 'app', message: 'paid', fields: { order: 4711, trace_id: 't1' }, span: { id: 't1', trace_id: 't1' } },
    expect.objectContaining({ level: 'ERROR', target: 'db', message: 'broken' }),
    expect.objectContaining({ level: 'DEBUG', message: 'fine' }),
    expect.objectContaining({ level: 'WARN', message: 'an object', timestamp: '1970-01-01T00:00:00.000Z' }),
  ]);
});

it('what the log cannot read does not keep a program from writing to its console', () => {
  const { entries, write } = collect();
  const printed = vi.fn<(...parts: unknown[]) => void>();
  const fake = { error: printed, warn: printed, info: printed, log: printed, debug: printed };
  captureConsole({ write }, { console: fake });
  const hostile = new Proxy({}, { ownKeys: () => { throw new Error('no keys'); } });
  fake.log('before', hostile);
  fake.log('after');
  expect([printed.mock.calls.length, entries.map(({ message }) => message)]).toEqual([2, ['after']]);
});
