import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeNetwork } from '../testing/fake-peer-connections.ts';
import { fakeWebSockets } from '../testing/fake-web-socket.ts';
import { LogConsumer } from './log-consumer.ts';
import { LogProducer } from './log-producer.ts';

const TYPES = ['registered', 'error', 'producer_list', 'producer_connected', 'producer_disconnected', 'consumer_connected', 'consumer_disconnected', 'webrtc_offer', 'webrtc_answer', 'ice_candidate', 'webrtc_request', 'history', 'history_systems', 'strange'];

const id = fc.oneof(fc.constantFrom('a', 'b'), fc.jsonValue());

const message = fc.record(
  { type: fc.constantFrom(...TYPES), from: id, producer_id: id, consumer_id: id, connection: id, sdp: id, candidate: fc.jsonValue(), sdpMLineIndex: fc.jsonValue(), features: fc.jsonValue(), level: fc.jsonValue(), resume: fc.jsonValue(), producers: fc.oneof(fc.jsonValue(), fc.array(fc.record({ producer_id: id, metadata: fc.jsonValue() }))), entries: fc.jsonValue(), systems: fc.jsonValue(), code: fc.string() },
  { requiredKeys: ['type'] },
);

const noise = fc.oneof(fc.string(), fc.json(), message.map((value) => JSON.stringify(value)));

it.each(['producer', 'consumer'] as const)('whatever the server sends, a %s throws nothing, stays within its bounds and works on', async (role) => {
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { maxLength: 30 }), async (texts) => {
      const clock = new FakeClock();
      const sockets = fakeWebSockets();
      const network = new FakeNetwork();
      const options = { url: 'ws://server/signaling', webSocket: sockets.webSocket, peerConnection: network.peerConnection, clock, clientId: role, history: 10, maxConsumers: 2, maxProducers: 2 };
      const client = role === 'producer' ? new LogProducer(options) : new LogConsumer(options);
      sockets.latest().accept();
      sockets.latest().receive({ type: 'registered' });
      for (const text of texts) sockets.latest().receive(text);
      await clock.advance(60_000);
      expect(client.state).not.toBe('closed');
      const open = [...network.connections.values()].filter(({ connectionState }) => connectionState !== 'closed');
      expect(open.length).toBeLessThanOrEqual(2);
      client.close();
      await clock.advance(1_000);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 200 },
  );
});
