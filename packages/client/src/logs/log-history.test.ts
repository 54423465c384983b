import { FakeClock } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import type { JsonObject } from '../web-socket/json-object.ts';
import { LogHistory, type LogHistoryEntry } from './log-history.ts';
import type { LogEntry } from './log-entry.ts';

/** A server with two systems, whose pages have two rows each. */
const KEPT: Readonly<Record<string, readonly JsonObject[]>> = {
  shop: [1, 3, 5, 7, 9].map((seq) => ({ seq, producer_id: 'p', entry: entryOf(`shop ${seq}`) })),
  stock: [2, 4].map((seq) => ({ seq, producer_id: 'q', entry: entryOf(`stock ${seq}`) })),
};

function entryOf(message: string): LogEntry {
  return { timestamp: '2026-11-28T09:00:00Z', level: 'INFO', target: 't', message };
}

function answerTo({ system_name: systemName, after = 0, last = Infinity }: JsonObject): JsonObject {
  if (typeof systemName !== 'string') return { type: 'history_systems', systems: [{ system_name: 'shop' }, { system_name: 'stock' }, {}, 7] };
  const rows = (KEPT[systemName] ?? []).filter(({ seq }) => Number(seq) > Number(after)).slice(-Number(last));
  return { type: 'history', system_name: systemName, entries: rows.slice(0, 2), next: rows.slice(0, 2).at(-1)?.['seq'] ?? after, more: rows.length > 2 };
}

function stage(last = 100) {
  const clock = new FakeClock();
  const asked: JsonObject[] = [];
  const delivered: (readonly LogHistoryEntry[])[] = [];
  let isAnswering = true;
  const history = new LogHistory({
    clock,
    last,
    deliver: (entries) => delivered.push(entries),
    send: (message) => {
      asked.push(message);
      if (isAnswering) queueMicrotask(() => history.receive(answerTo(message)));
      return true;
    },
  });
  const heard = (): string[] | undefined => delivered[0]?.map(({ producer, entry }) => `${producer.systemName}: ${entry.message}`);
  return { clock, asked, delivered, history, heard, answering: (now: boolean) => void (isAnswering = now) };
}

it('the histories of all systems come once, page by page, in the order of the server', async () => {
  const { clock, history, heard, delivered, asked } = stage();
  history.begin();
  await clock.advance(10_000);
  expect(heard()).toEqual(['shop: shop 1', 'stock: stock 2', 'shop: shop 3', 'stock: stock 4', 'shop: shop 5', 'shop: shop 7', 'shop: shop 9']);
  expect(asked).toHaveLength(5);
  history.begin();
  await clock.advance(10_000);
  expect([delivered.length, asked.length]).toEqual([1, 5]);
});

it('what came live is not told again', async () => {
  const { clock, history, heard } = stage();
  history.begin();
  history.hear('p', [entryOf('shop 7'), entryOf('shop 9'), entryOf('shop 11')]);
  history.hear('other', [entryOf('shop 5')]);
  await clock.advance(10_000);
  expect(heard()).toEqual(['shop: shop 1', 'stock: stock 2', 'shop: shop 3', 'stock: stock 4', 'shop: shop 5']);
});

it('no more are read of a system than are wanted', async () => {
  const { clock, history, heard } = stage(2);
  history.begin();
  await clock.advance(10_000);
  expect(heard()).toEqual(['stock: stock 2', 'stock: stock 4', 'shop: shop 7', 'shop: shop 9']);
});

it('one that is cut off is read anew', async () => {
  const { clock, history, heard, answering } = stage();
  history.begin();
  await clock.advance(1_025);
  answering(false);
  await clock.advance(10_000);
  expect(heard()).toBeUndefined();
  answering(true);
  history.begin();
  await clock.advance(10_000);
  expect(heard()).toHaveLength(7);
});

it.each([0, 100])('nobody is asked when none is wanted, or it is closed: %i', async (last) => {
  const { clock, history, asked } = stage(last);
  if (last > 0) history.close();
  history.begin();
  await clock.advance(10_000);
  expect(asked).toEqual([]);
});

it('a server that never answers is not waited for, and nothing is remembered for it', async () => {
  const { clock, history, heard, answering } = stage();
  answering(false);
  history.begin();
  await clock.advance(60_000);
  history.receive(answerTo({}));
  answering(true);
  history.begin();
  await clock.advance(60_000);
  expect([heard(), clock.pending]).toEqual([undefined, 0]);
});
