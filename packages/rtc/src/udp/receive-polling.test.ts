import type { RemoteAddress } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { ReceivePolling } from './receive-polling.ts';

const FROM = { address: '192.0.2.1', port: 5000 };
const INTERVAL_MS = 5;

/** A socket that Node reads, or a turn. */
function setUp() {
  const clock = new FakeClock();
  const waiting: { data: Buffer; cameAt: number }[] = [];
  const received: { text: string; at: number | undefined }[] = [];
  const turns: number[] = [];
  const socket = {
    descriptor: 7 as number | undefined,
    isRead: true,
    setReading: (reading: boolean) => {
      socket.isRead = reading;
      return true;
    },
    receive: (data: Buffer) => void received.push({ text: data.toString(), at: subject.receivedAt }),
  };
  const reader = {
    isStamping: false,
    setStamping: (_descriptor: number, stamping: boolean) => {
      reader.isStamping = stamping;
    },
    read: (_descriptor: number, take: (data: Buffer, from: RemoteAddress, ageMs: number) => void) => {
      const next = waiting.shift();
      if (next) take(next.data, FROM, clock.monotonic() - next.cameAt);
      return waiting.length > 0;
    },
  };
  const subject = new ReceivePolling({ clock, reader, sockets: [socket], intervalMs: INTERVAL_MS, onTurn: (now) => void turns.push(now) });
  const arrive = (text: string, cameAt = clock.monotonic()): void => void waiting.push({ data: Buffer.from(text), cameAt });
  const wake = (times: number): void => {
    for (let time = 0; time < times; time++) subject.onDatagram();
  };
  return { clock, socket, reader, subject, received, turns, arrive, wake };
}

describe('ReceivePolling', () => {
  it('leaves few datagrams to Node', async () => {
    const { clock, socket, subject, wake } = setUp();
    for (let window = 0; window < 5; window++) {
      wake(19);
      await clock.advance(100);
    }
    expect(subject.isActive).toBe(false);
    expect(socket.isRead).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('takes many in turns, each with the time at which it came', async () => {
    const { clock, socket, reader, subject, received, turns, arrive, wake } = setUp();
    wake(20);
    expect([socket.isRead, reader.isStamping]).toEqual([false, true]);
    await clock.advance(2);
    arrive('a');
    await clock.advance(2);
    arrive('b');
    expect(received).toEqual([]);
    await clock.advance(1);
    expect(received).toEqual([{ text: 'a', at: 2 }, { text: 'b', at: 4 }]);
    expect(turns).toEqual([5]);
    expect(subject.receivedAt).toBeUndefined();
  });

  it('says of none that it came before the last turn, whose time others have seen', async () => {
    const { clock, received, arrive, wake } = setUp();
    wake(20);
    await clock.advance(INTERVAL_MS);
    arrive('late', 3);
    await clock.advance(INTERVAL_MS);
    expect(received).toEqual([{ text: 'late', at: 5 }]);
  });

  it('gives the socket back when little comes, once it has read it', async () => {
    const { clock, socket, reader, subject, received, arrive, wake } = setUp();
    wake(20);
    for (let turn = 0; turn < 20; turn++) {
      arrive('x');
      await clock.advance(INTERVAL_MS);
    }
    expect(subject.isActive).toBe(true);
    await clock.advance(100);
    expect(subject.isActive).toBe(false);
    expect([socket.isRead, reader.isStamping]).toEqual([true, false]);
    expect(received).toHaveLength(20);
    expect(clock.pending).toBe(0);
  });

  it('leaves the rest of a flood to the next turn, so that other work gets its share', async () => {
    const { clock, received, turns, arrive, wake } = setUp();
    wake(20);
    for (let index = 0; index < 20; index++) arrive(String(index));
    await clock.advance(INTERVAL_MS);
    expect(received).toHaveLength(20);
    expect(turns).toEqual([5, 5]);
  });

  it('neither reads nor gives back a socket that was closed', async () => {
    const { clock, socket, reader, turns, received, arrive, wake } = setUp();
    wake(20);
    socket.descriptor = undefined;
    arrive('x');
    await clock.advance(200);
    expect(received).toEqual([]);
    expect(turns.length).toBeGreaterThan(0);
    expect([socket.isRead, reader.isStamping]).toEqual([false, true]);
  });

  it('does nothing more once it is closed', async () => {
    const { clock, subject, wake } = setUp();
    wake(20);
    subject.close();
    expect(clock.pending).toBe(0);
    expect(subject.isActive).toBe(false);
  });
});
