import type { LogEntry, LogLevel } from '@sluice/client';
import { describe, expect, it } from 'vitest';
import { LogList } from './log-list.ts';
import { compileQuery, wordsOf } from './log-query.ts';
import { type LogRow, logRowOf } from './log-row.ts';
import { groupByTrace } from './trace-groups.ts';

let number = 0;

function row(entry: Partial<LogEntry>, system = 'shop'): LogRow {
  return logRowOf((number += 1), { id: `${system}-1`, systemName: system }, { timestamp: '2026-11-28T09:00:00.000Z', level: 'INFO', target: 'http', message: 'm', ...entry });
}

function span(trace: string, id: string, parent?: string): Partial<LogEntry> {
  return { span: { id, trace_id: trace, ...(parent !== undefined && { parent_id: parent }) } };
}

describe('a query', () => {
  const subject = row({ message: 'Order paid in Full', target: 'orders', fields: { order: 4711, user: { id: 'u 1' }, 'http.status': 200, ok: true }, ...span('4bf9', 'a') });

  it.each([
    ['', true],
    ['order PAID', true],
    ['order refused', false],
    ['"paid in full"', true],
    ['"full paid"', false],
    ['-refused', true],
    ['-paid', false],
    ['order=4711', true],
    ['order=471', false],
    ['order!=1', true],
    ['order!=4711', false],
    ['user.id="u 1"', true],
    ['http.status=200', true],
    ['ok=true', true],
    ['missing=', false],
    ['order=*', true],
    ['-order=4711', false],
    ['system=shop target=orders level=info trace=4bf9 span=a producer=shop-1', true],
    ['system=other', false],
    ['u 1', true],
  ])('%s: %s', (text, fits) => {
    expect(compileQuery({ levels: new Set<LogLevel>(['INFO']), hidden: new Set(), text })(subject)).toBe(fits);
  });

  it('leaves out levels and systems, and knows which words are marked', () => {
    expect(compileQuery({ levels: new Set<LogLevel>(['WARN']), hidden: new Set(), text: '' })(subject)).toBe(false);
    expect(compileQuery({ levels: new Set<LogLevel>(['INFO']), hidden: new Set(['shop']), text: '' })(subject)).toBe(false);
    expect(wordsOf('Paid -not order=1 "two words"')).toEqual(['paid', 'two words']);
  });
});

describe('the list', () => {
  const messages = (list: LogList): string[] => list.fitting.slice().map(({ entry }) => entry.message);

  it('keeps the newest, and of them those that fit', () => {
    const list = new LogList({ maxRows: 10_000, maxWeight: Infinity });
    list.filter(({ entry }) => entry.level === 'WARN');
    for (let start = 0; start < 30_000; start += 100) list.push(Array.from({ length: 100 }, (_, index) => row({ message: String(start + index), level: index % 2 === 0 ? 'WARN' : 'INFO' })));
    expect([list.size, list.evicted, list.fitting.size, list.evictedFitting]).toEqual([10_000, 20_000, 5_000, 10_000]);
    expect([messages(list)[0], messages(list).at(-1)]).toEqual(['20000', '29998']);
    list.filter(() => true);
    expect([list.fitting.size, messages(list)[1]]).toEqual([10_000, '20001']);
    list.clear();
    expect([list.size, list.fitting.size]).toEqual([0, 0]);
  });

  it('counts what rows hold as well as how many there are, and takes older ones as far as they fit', () => {
    const list = new LogList({ maxRows: 3, maxWeight: 10_000 });
    list.push([row({ message: 'x'.repeat(4_000) }), row({ message: 'b' })]);
    list.push([row({ message: 'c' })]);
    list.prepend([row({ message: 'a' }), row({ message: 'b' })]);
    expect(messages(list).map((message) => message[0])).toEqual(['x', 'b', 'c']);
    list.push([row({ message: 'y'.repeat(4_000) })]);
    expect(messages(list).map((message) => message[0])).toEqual(['b', 'c', 'y']);
    list.push([row({ message: 'z'.repeat(6_000) })]);
    expect(list.size).toBe(0);
  });
});

it('rows of a trace stand together, where it began, as deep as their spans', () => {
  const rows = [
    row({ ...span('t1', 'a'), message: 'first', timestamp: '2026-11-28T09:00:00.000Z' }),
    row({ message: 'alone' }),
    row({ ...span('t2', 'x', 'y'), message: 'its parent is not here' }),
    row({ ...span('t1', 'c', 'b'), message: 'deep', level: 'ERROR', timestamp: '2026-11-28T09:00:00.250Z' }, 'db'),
    row({ ...span('t1', 'b', 'a'), message: 'child' }),
    row({ ...span('t1', 'loop', 'loop'), message: 'its own parent' }),
  ];
  const closed = groupByTrace(rows, new Set());
  expect(closed.map((item) => (item.type === 'row' ? item.row.entry.message : item.trace.traceId))).toEqual(['t1', 'alone', 't2']);
  expect(closed[0]).toMatchObject({ isOpen: false, trace: { systems: ['shop', 'db'], level: 'ERROR', durationMs: 250 } });
  const open = groupByTrace(rows, new Set(['t1'])).slice(1, 5);
  expect(open.map((item) => (item.type === 'row' ? [item.row.entry.message, item.depth] : []))).toEqual([['first', 1], ['deep', 3], ['child', 2], ['its own parent', 1]]);
});
