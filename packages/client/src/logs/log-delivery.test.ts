import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LogBuffer } from './log-buffer.ts';
import { LogDelivery } from './log-delivery.ts';
import type { LogLevel } from './log-entry.ts';

const BATCH = { maxEntries: 2, maxBytes: 1_000 };

function bufferOf(levels: readonly LogLevel[], maxEntries = 100): LogBuffer {
  const buffer = new LogBuffer({ maxEntries, maxBytes: 10_000 });
  for (const [number, level] of levels.entries()) buffer.push({ level, text: String(number), bytes: 10 });
  return buffer;
}

/** Takes what comes next, hands it over, and tells what it was. */
function hand(delivery: LogDelivery, level: LogLevel = 'DEBUG'): string[] {
  const lines = delivery.take(level, BATCH);
  if (lines.length > 0) delivery.handedOver(lines.length, lines.length * 10);
  return lines.map(({ text }) => text);
}

it('a buffer keeps the newest within both bounds', () => {
  const buffer = bufferOf(Array.from({ length: 5_000 }, () => 'INFO'), 3_000);
  expect([buffer.start, buffer.end, buffer.size, buffer.bytes]).toEqual([4_000, 5_000, 1_000, 10_000]);
  expect([buffer.at(3_999), buffer.at(4_000)?.text, buffer.at(4_999)?.text, buffer.at(5_000)]).toEqual([undefined, '4000', '4999', undefined]);
  buffer.release(4_990);
  expect([buffer.start, buffer.at(4_990)?.text, buffer.bytes]).toEqual([4_990, '4990', 100]);
  buffer.push({ level: 'INFO', text: 'too large', bytes: 10_001 });
  expect([buffer.size, buffer.start]).toEqual([0, 5_001]);
});

it('a consumer that says what it received gets the rest again, and nothing twice', () => {
  const delivery = new LogDelivery(bufferOf(['INFO', 'INFO', 'INFO', 'INFO', 'INFO']), 0);
  delivery.begin('a', undefined);
  expect([hand(delivery), hand(delivery), hand(delivery), hand(delivery)]).toEqual([['0', '1'], ['2', '3'], ['4'], []]);
  delivery.received(2);
  expect(delivery.confirmed).toBe(2);
  delivery.begin('b', { connection: 'a', entries: 4 });
  expect(hand(delivery)).toEqual(['4']);
  delivery.begin('c', { connection: 'a', entries: 4 });
  expect(hand(delivery)).toEqual(['4']);
  delivery.begin('d', { connection: 'c', entries: 1 });
  expect([hand(delivery), delivery.confirmed]).toEqual([[], 5]);
});

it('for others what left the channel counts as arrived', () => {
  const delivery = new LogDelivery(bufferOf(['INFO', 'INFO', 'INFO', 'INFO', 'INFO']), 0);
  delivery.begin('a', undefined);
  hand(delivery);
  hand(delivery);
  delivery.drained(20);
  delivery.begin('b', undefined);
  expect(hand(delivery)).toEqual(['2', '3']);
  delivery.drained(19);
  expect(delivery.confirmed).toBe(2);
  delivery.drained(0);
  expect(delivery.confirmed).toBe(4);
});

it('finer lines are passed over, also at the end', () => {
  const delivery = new LogDelivery(bufferOf(['DEBUG', 'ERROR', 'INFO', 'WARN', 'DEBUG']), 0);
  delivery.begin('a', undefined);
  expect([hand(delivery, 'WARN'), delivery.confirmed]).toEqual([['1', '3'], 0]);
  delivery.received(2);
  expect(hand(delivery, 'WARN')).toEqual([]);
  expect(delivery.confirmed).toBe(5);
});

it('what the buffer lost is counted and passed over', () => {
  const delivery = new LogDelivery(bufferOf(Array.from({ length: 10 }, () => 'INFO'), 3), 2);
  delivery.begin('a', undefined);
  expect([hand(delivery), delivery.missed]).toEqual([['7', '8'], 5]);
});

it('nothing is lost or doubled, whatever breaks in between', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('write' as const), level: fc.constantFrom<LogLevel>('INFO', 'DEBUG') }),
    fc.record({ kind: fc.constant('hand' as const), arrives: fc.boolean() }),
    fc.record({ kind: fc.constant('report' as const) }),
    fc.record({ kind: fc.constant('reconnect' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const buffer = new LogBuffer({ maxEntries: 1_000, maxBytes: 100_000 });
      const delivery = new LogDelivery(buffer, 0);
      const written: string[] = [];
      const received: string[] = [];
      let progress: { connection: string; entries: number } | undefined;
      let connection = 0;
      let isBroken = false;
      delivery.begin('0', undefined);
      const reconnect = (): void => {
        connection += 1;
        isBroken = false;
        delivery.begin(String(connection), progress);
      };
      const handOver = (arrives: boolean): boolean => {
        const texts = hand(delivery, 'INFO');
        isBroken ||= !arrives;
        if (isBroken || texts.length === 0) return texts.length > 0;
        received.push(...texts);
        const before = progress?.connection === String(connection) ? progress.entries : 0;
        progress = { connection: String(connection), entries: before + texts.length };
        return true;
      };
      for (const action of steps) {
        if (action.kind === 'write') {
          const text = String(buffer.end);
          if (action.level === 'INFO') written.push(text);
          buffer.push({ level: action.level, text, bytes: 10 });
        } else if (action.kind === 'hand') handOver(action.arrives);
        else if (action.kind === 'reconnect') reconnect();
        else if (progress?.connection === String(connection)) delivery.received(progress.entries);
        buffer.release(delivery.confirmed);
      }
      reconnect();
      while (handOver(true));
      expect(received).toEqual(written);
    }),
  );
});
