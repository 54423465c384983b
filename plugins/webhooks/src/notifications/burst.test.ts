import { expect, test } from 'vitest';
import { startManager } from '../testing/managed.ts';
import { json, startReceiver } from '../testing/receiver.ts';

test('more than a thousand streams that end at the same moment are all told', async () => {
  await using receiver = await startReceiver(json({ code: 0 }));
  const urls = { onStreamChanged: receiver.url, onFlowReport: receiver.url };
  const server = await startManager({ ...urls, drainMs: 1_000_000 }, { timeouts: { closeMs: 1_000_000 }, limits: { maxSessionsPerAddress: 10_000 } });
  const streams = Array.from({ length: 1_500 }, (_, index) => `cam-${index}`);
  await Promise.all(streams.map((stream) => server.publish(stream)));
  await server.manager.close();
  expect(server.manager.counters.notificationsDropped).toBe(0);
  expect(receiver.received).toHaveLength(4_500);
});
