import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AdminRequestOptions } from '../api/admin-request.ts';
import { RequestError } from '../api/request-error.ts';
import { createEventLog } from './event-log.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A server whose answers the test gives. */
function createServer() {
  const connections: { readonly lastEventId: string | undefined; readonly signal: AbortSignal; readonly stream: ReadableStreamDefaultController<Uint8Array> }[] = [];
  const tries: number[] = [];
  let refusal: Error | undefined;

  const request = async (_path: string, { headers, signal }: AdminRequestOptions = {}): Promise<Response> => {
    tries.push(Date.now());
    if (refusal) throw refusal;
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        connections.push({ lastEventId: headers?.['Last-Event-ID'], signal: signal!, stream });
        signal!.addEventListener('abort', () => {
          // A stream that the server has ended cannot fail any more.
          try {
            stream.error(signal!.reason);
          } catch {}
        });
      },
    });
    return new Response(body);
  };

  return {
    connections,
    tries,
    request,
    refuse(error: Error | undefined) {
      refusal = error;
    },
    async send(text: string) {
      connections.at(-1)!.stream.enqueue(new TextEncoder().encode(text));
      await vi.advanceTimersByTimeAsync(0);
    },
    async cut() {
      connections.at(-1)!.stream.error(new TypeError('network error'));
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

function live(id: number, stream = `s${id}`): string {
  return `id: run-${id}\nevent: stream-changed\ndata: ${JSON.stringify({ at: id, stream: { vhost: 'v', app: 'live', stream }, live: true })}\n\n`;
}

async function listening() {
  const server = createServer();
  const log = createEventLog(server.request);
  log.start();
  await vi.advanceTimersByTimeAsync(0);
  return { server, log };
}

test('shows what comes, the newest first, and goes on where it was cut', async () => {
  const { server, log } = await listening();
  expect(log.state.value).toBe('listening');
  await server.send(`retry: 2000\n\n${live(1)}${live(2)}`);
  expect(log.entries.value.map(({ at }) => at)).toEqual([2, 1]);
  await server.cut();
  expect(log.state.value).toBe('waiting');
  await vi.advanceTimersByTimeAsync(1_999);
  expect(server.connections).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(server.connections.map(({ lastEventId }) => lastEventId)).toEqual([undefined, 'run-2']);
  await server.send(`event: missed\ndata: {"at":3}\n\n${live(9)}`);
  expect(log.entries.value.map(({ type }) => type)).toEqual(['stream-changed', 'missed', 'stream-changed', 'stream-changed']);
});

test('waits twice as long after each failure, half a minute at most, and not after a success', async () => {
  const { server, log } = await listening();
  server.refuse(new RequestError(503, 'The server tells its events to 50 clients already.'));
  await server.cut();
  await vi.advanceTimersByTimeAsync(92_000);
  const pauses = server.tries.slice(1).map((at, index) => at - server.tries[index]!);
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  server.refuse(undefined);
  await vi.advanceTimersByTimeAsync(30_000);
  await server.send(live(1));
  await server.cut();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(log.state.value).toBe('listening');
});

test('a connection that says nothing for a minute is opened again', async () => {
  const { server } = await listening();
  await vi.advanceTimersByTimeAsync(50_000);
  await server.send(': heartbeat\n\n');
  await vi.advanceTimersByTimeAsync(59_999);
  expect(server.connections).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_001);
  expect(server.connections).toHaveLength(2);
  expect(server.connections[0]!.signal.aborted).toBe(true);
});

test('stops when another token is wanted, and holds neither timer nor connection', async () => {
  const { server, log } = await listening();
  server.refuse(new RequestError(401, 'No.'));
  await server.cut();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([log.state.value, vi.getTimerCount()]).toEqual(['stopped', 0]);
  server.refuse(undefined);
  log.start();
  await vi.advanceTimersByTimeAsync(0);
  log.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect([log.state.value, vi.getTimerCount(), server.connections.at(-1)!.signal.aborted]).toEqual(['stopped', 0, true]);
});

test('stands still in a pause and shows the rest afterwards, a thousand at most', async () => {
  const { server, log } = await listening();
  await server.send(live(1));
  log.pause(true);
  await server.send(Array.from({ length: 1_200 }, (_, at) => live(at + 2)).join(''));
  expect([log.entries.value.length, log.held.value]).toEqual([1, 1_200]);
  log.pause(false);
  expect([log.entries.value.length, log.entries.value[0]!.at, log.held.value]).toEqual([1_000, 1_201, 0]);
});

test('leaves out what it does not understand', async () => {
  const { server, log } = await listening();
  await server.send('event: stream-changed\ndata: {"at":\n\nevent: stream-changed\ndata: {"at":1}\n\nevent: other\ndata: {"at":1}\n\nevent: session-opened\ndata: {"at":1,"sessionId":"a"}\n\n');
  expect(log.entries.value).toEqual([]);
  await server.send(live(1));
  expect(log.entries.value).toHaveLength(1);
});
