import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeLogServer } from '../testing/fake-log-server.ts';
import { FakeNetwork } from '../testing/fake-peer-connections.ts';
import { LogConsumer, type LogConsumerOptions } from './log-consumer.ts';
import type { LogEntry } from './log-entry.ts';
import { LogProducer, type LogProducerOptions } from './log-producer.ts';
import type { PeerConnectionLike } from '../peer-connection/peer-connection-like.ts';

const MANY_MS = 60_000;

/** A server, a network, and who meets there. */
function stage() {
  const clock = new FakeClock();
  const server = new FakeLogServer();
  const network = new FakeNetwork();
  const common = { url: 'ws://server/signaling', webSocket: server.webSocket, peerConnection: network.peerConnection, clock, random: () => 0, compression: 'never' as const };
  return {
    clock,
    server,
    network,
    /** A producer; `say` writes lines that are numbered through. */
    produce: (options: Partial<LogProducerOptions> = {}) => {
      const producer = new LogProducer({ ...common, clientId: 'p', ...options });
      let said = 0;
      const say = (count: number): void => {
        for (let more = count; more > 0; more -= 1) producer.info(String((said += 1)));
      };
      return { producer, say, said: () => numbers(1, said) };
    },
    consume: (options: Partial<LogConsumerOptions> = {}) => {
      const consumer = new LogConsumer({ ...common, clientId: 'c', ...options });
      const entries: LogEntry[] = [];
      consumer.on('entries', (received) => entries.push(...received.entries));
      return { consumer, entries, heard: () => entries.map(({ message }) => message) };
    },
  };
}

async function answer(connection: PeerConnectionLike, sdp: string): Promise<string | undefined> {
  await connection.setRemoteDescription({ type: 'offer', sdp });
  await connection.setLocalDescription(await connection.createAnswer());
  return connection.localDescription?.sdp;
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

it('lines that were written while nobody was there come in order to all who come, and then those that follow', async () => {
  const { clock, produce, consume } = stage();
  const { producer, say, said } = produce({ systemName: 'shop' });
  say(1_200);
  await clock.advance(MANY_MS);
  const [one, other] = [consume({ clientId: 'c1' }), consume({ clientId: 'c2' })];
  await clock.advance(1_000);
  say(3);
  await clock.advance(1_000);
  expect([one.heard(), other.heard()]).toEqual([said(), said()]);
  expect(one.entries[0]).toEqual({ timestamp: '2026-01-01T00:00:00.000Z', level: 'INFO', target: 'shop', message: '1' });
  expect(producer.stats).toMatchObject({ written: 1_203, sent: 2_406, dropped: 0, missed: 0, consumers: 2 });
  await clock.advance(MANY_MS);
  say(1);
  await clock.advance(1_000);
  const late = consume({ clientId: 'c3' });
  await clock.advance(1_000);
  say(1);
  await clock.advance(1_000);
  expect(late.heard()).toEqual(['1205']);
  expect(producer.stats.bufferedEntries).toBe(0);
  expect(one.consumer.producers).toMatchObject([{ id: 'p', metadata: { system_name: 'shop' }, state: 'live', received: 1_205, invalid: 0 }]);
});

it('a killed server changes nothing for open channels, and they are not made anew when it is back', async () => {
  const { clock, server, network, produce, consume } = stage();
  const { producer, say, said } = produce();
  const { consumer, heard } = consume();
  await clock.advance(1_000);
  server.kill();
  say(5);
  await clock.advance(20_000);
  expect([producer.state, consumer.state, heard()]).toEqual(['waiting', 'waiting', said()]);
  server.start();
  await clock.advance(10_000);
  say(5);
  await clock.advance(1_000);
  expect([producer.state, consumer.state, heard(), network.connections.size]).toEqual(['registered', 'registered', said(), 2]);
});

it('lines that were lost with a channel come again on the next one, and those that had arrived do not', async () => {
  const { clock, network, produce, consume } = stage();
  const { say, said, producer } = produce();
  const { heard } = consume();
  await clock.advance(6_000);
  say(10);
  await clock.advance(20);
  network.loses = true;
  say(10);
  await clock.advance(20);
  network.cut();
  say(10);
  await clock.advance(1_000);
  expect(heard()).toEqual(said());
  expect(producer.stats).toMatchObject({ sent: 40, missed: 0 });
});

it('a consumer of another make gets one entry per message, and nothing twice', async () => {
  const { clock, server, network, produce } = stage();
  const { say, producer } = produce();
  const texts: string[] = [];
  const socket = new server.webSocket('ws://server/signaling');
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'register', role: 'consumer', client_id: 'old' })));
  socket.addEventListener('message', ({ data }) => {
    const { type, from, sdp } = JSON.parse(String(data)) as { type: string; from: string; sdp: string };
    if (type !== 'webrtc_offer') return;
    const connection = network.peerConnection();
    connection.addEventListener('datachannel', ({ channel }) => {
      // oxlint-disable-next-line unicorn/prefer-add-event-listener
      channel.onmessage = (event: { data: string }) => texts.push(event.data);
    });
    void answer(connection, sdp).then((own) => socket.send(JSON.stringify({ type: 'webrtc_answer', to: from, sdp: own })));
  });
  say(3);
  await clock.advance(6_000);
  expect(texts.map((text) => (JSON.parse(text) as LogEntry).message)).toEqual(numbers(1, 3));
  network.isStalled = true;
  say(2);
  await clock.advance(1_000);
  network.cut();
  await clock.advance(1_000);
  expect(texts.map((text) => (JSON.parse(text) as LogEntry).message)).toEqual(numbers(1, 5));
  expect(producer.stats).toMatchObject({ dropped: 0, missed: 0 });
});

it('batches go to those who understand them, and a full channel gets no more', async () => {
  const { clock, network, produce, consume } = stage();
  const { say, said, producer } = produce({ maxBatchEntries: 10, maxChannelBytes: 2_000 });
  const { heard } = consume();
  await clock.advance(6_000);
  network.isStalled = true;
  say(100);
  await clock.advance(1_000);
  expect([network.passed.length, producer.stats.sent]).toEqual([0, 30]);
  network.resume();
  await clock.advance(1_000);
  const buffered = network.passed.filter((data) => String(data).startsWith('['));
  expect([buffered.length, heard()]).toEqual([10, said()]);
});

it('the oldest give way when the buffer is full, and are counted', async () => {
  const { clock, network, produce, consume } = stage();
  const { say, producer } = produce({ maxBufferedEntries: 100 });
  say(250);
  expect(producer.stats).toMatchObject({ dropped: 150, bufferedEntries: 100 });
  const { heard } = consume();
  await clock.advance(6_000);
  expect(heard()).toEqual(numbers(151, 250));
  network.isStalled = true;
  say(1);
  await clock.advance(100);
  network.cut();
  say(300);
  await clock.advance(1_000);
  expect(heard()).toEqual([...numbers(151, 250), ...numbers(452, 551)]);
  expect(producer.stats).toMatchObject({ dropped: 150 + 200, missed: 201 });
});

it('levels are kept where the producer says, and sent as the consumer asks', async () => {
  const { clock, produce, consume } = stage();
  const { producer } = produce({ level: 'INFO' });
  const { consumer, heard } = consume({ level: 'WARN' });
  await clock.advance(1_000);
  producer.debug('debug');
  producer.info('info');
  producer.warn('warn');
  await clock.advance(1_000);
  expect([heard(), producer.stats.filtered, producer.stats.sent]).toEqual([['warn'], 1, 1]);
  consumer.level = 'INFO';
  await clock.advance(1_000);
  producer.info('again');
  await clock.advance(1_000);
  expect([heard(), producer.stats.sent]).toEqual([['warn', 'again'], 2]);
});

it('only those who were chosen connect, and a choice may change', async () => {
  const { clock, produce, consume } = stage();
  const [a, b] = [produce({ clientId: 'a' }), produce({ clientId: 'b' })];
  const { consumer, heard } = consume({ producers: ['a'] });
  await clock.advance(1_000);
  a.producer.info('of a');
  b.producer.info('of b');
  await clock.advance(1_000);
  expect(heard()).toEqual(['of a']);
  expect(consumer.producers.map(({ id, state }) => [id, state])).toEqual([['a', 'live'], ['b', 'connecting']]);
  consumer.subscribe(['b']);
  await clock.advance(1_000);
  expect([a.producer.stats.consumers, consumer.producers[0]?.state]).toEqual([0, 'away']);
});

it('a consumer that is one too many is not offered a connection, and counted', async () => {
  const { clock, network, produce, consume } = stage();
  const { producer } = produce({ maxConsumers: 1 });
  await clock.advance(100);
  consume({ clientId: 'c1' });
  await clock.advance(100);
  consume({ clientId: 'c2' });
  await clock.advance(100);
  expect([producer.stats.consumers, producer.stats.refusedConsumers, network.connections.size]).toEqual([1, 1, 2]);
});

it('an offer that nobody answers is made again, and a producer that does not offer is asked to', async () => {
  const { clock, server, network, produce, consume } = stage();
  const { say, said } = produce({ connectTimeoutMs: 1_000 });
  const socket = new server.webSocket('ws://server/signaling');
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'register', role: 'consumer', client_id: 'deaf' })));
  await clock.advance(20_000);
  expect(network.connections.size).toBe(4);
  socket.close();
  const { heard } = consume();
  await clock.advance(1_000);
  say(3);
  await clock.advance(1_000);
  expect(heard()).toEqual(said());
});

it('closed, it leaves nothing behind', async () => {
  const { clock, produce, consume, network } = stage();
  const { producer, say } = produce();
  const { consumer } = consume();
  await clock.advance(1_000);
  say(1);
  expect(await Promise.all([producer.flush(), clock.advance(1_000)])).toEqual([true, undefined]);
  producer.close();
  consumer.close();
  producer.close();
  say(1);
  await clock.advance(1_000);
  expect([clock.pending, producer.state, consumer.state, producer.stats.written]).toEqual([0, 'closed', 'closed', 1]);
  expect([...network.connections.values()].map(({ connectionState }) => connectionState)).toEqual(['closed', 'closed']);
});

it('a refused token ends it for good, and says why', async () => {
  const { clock, server, produce } = stage();
  server.kill();
  const { producer } = produce();
  const errors: string[] = [];
  producer.on('error', ({ code }) => errors.push(code));
  await clock.advance(100);
  server.start({ type: 'error', code: 'token_incorrect', message: 'No.' });
  await clock.advance(10_000);
  expect([errors, producer.state, clock.pending]).toEqual([['token_incorrect'], 'closed', 0]);
});

it('nothing is lost or doubled within the buffer, whatever breaks and comes back', { timeout: 30_000 }, async () => {
  const step = fc.constantFrom('say', 'wait', 'lose', 'stall', 'cut', 'kill', 'start');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { clock, server, network, produce, consume } = stage();
      const { say, said } = produce({ maxBatchEntries: 3 });
      const pages = [consume({ clientId: 'c1' }), consume({ clientId: 'c2' })];
      await clock.advance(100);
      for (const action of [...steps, 'cut', 'start']) {
        if (action === 'say') say(7);
        else if (action === 'lose') network.loses = true;
        else if (action === 'stall') network.isStalled = true;
        else if (action === 'cut') network.cut();
        else if (action === 'kill') server.kill();
        else if (action === 'start') {
          server.kill();
          server.start();
        }
        await clock.advance(action === 'wait' ? 7_000 : 30);
      }
      await clock.advance(30_000);
      say(1);
      await clock.advance(1_000);
      for (const { heard } of pages) expect(heard()).toEqual(said());
    }),
    { numRuns: 60 },
  );
});

it('a flush waits for no line that the consumer does not want', async () => {
  const { clock, produce, consume } = stage();
  const { producer } = produce();
  const { heard } = consume({ level: 'ERROR' });
  await clock.advance(1_000);
  producer.error('wanted');
  await clock.advance(50);
  producer.debug('not wanted');
  const flushed = producer.flush();
  await clock.advance(3_000);
  expect([await flushed, heard()]).toEqual([true, ['wanted']]);
});

it('a function is asked for the token of each registration, and one that fails is tried again', async () => {
  const { clock, server, produce } = stage();
  const answers = ['one', new Error('no network'), 'three'];
  const { producer } = produce({
    token: () => {
      const answer = answers.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  await clock.advance(100);
  expect(producer.state).toBe('registered');
  server.kill();
  server.start();
  await clock.advance(6_000);
  expect([producer.state, answers.length]).toEqual(['waiting', 1]);
  await clock.advance(6_000);
  expect([producer.state, answers.length]).toEqual(['registered', 0]);
});
