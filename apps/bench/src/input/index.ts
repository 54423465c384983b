import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PeerClient } from '@sluice/client';
import { MediaStreamTrack, RTCPeerConnection } from 'werift';
import { ownAddress } from '../address.ts';
import { formatNumber } from '../report/format.ts';
import { formatTable } from '../report/table.ts';
import { forkServer } from '../servers/node-process.ts';
import { percentile } from '../statistics.ts';

/** One frame of 30 a second, milliseconds. */
const FRAME_MS = 33;
/** As fast as a hand, as fast as most mice, and nearly as many as a client may send. */
const RATES = [30, 125, 400] as const;
const SECONDS = 5;
const STREAM = { app: 'live', stream: 'desk' };

const loadAverage = loadavg()[0] ?? 0;
await using server = await forkServer(fileURLToPath(new URL('peer-server.ts', import.meta.url)), [ownAddress(), 'peer']);
const url = `${server.url}/ws`;
const publisher = new PeerClient({ url, peerId: 'publisher', peerConnection: () => new RTCPeerConnection() });
const controller = new PeerClient({ url, peerId: 'controller', peerConnection: () => new RTCPeerConnection() });
await publisher.publish({ ...STREAM, prepare: (connection) => void connection.addTransceiver(new MediaStreamTrack({ kind: 'video' }), { direction: 'sendonly' }) });
await controller.play(STREAM);

let latencies: number[] = [];
let isInOrder = true;
let expected = 0;
publisher.on('input', (input) => {
  if (input.type !== 'mouse-move') return;
  latencies.push(performance.now() - input.x);
  isInOrder &&= input.y === expected;
  expected += 1;
});
const rows: string[][] = [];
for (const rate of RATES) rows.push(await measure(rate));
publisher.close();
controller.close();
process.stdout.write(`${formatReport()}\n`);

/** The place of the mouse is the time at which it was there. */
async function measure(rate: number): Promise<string[]> {
  [latencies, expected, isInOrder] = [[], 0, true];
  const count = rate * SECONDS;
  const startedAt = performance.now();
  for (let sent = 0; sent < count; sent++) {
    await delay(Math.max(0, startedAt + (sent / rate) * 1000 - performance.now()));
    controller.sendInput({ type: 'mouse-move', x: performance.now(), y: sent });
  }
  const deadline = performance.now() + 5_000;
  while (latencies.length < count && performance.now() < deadline) await delay(10);
  const slow = latencies.filter((latency) => latency > FRAME_MS).length;
  return [`${rate} a second`, `${latencies.length} of ${count}`, isInOrder ? 'yes' : 'NO', ...[0.5, 0.99, 1].map((share) => formatNumber(percentile(latencies, share), 2)), String(slow)];
}

function formatReport(): string {
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, load average ${loadAverage.toFixed(1)} at the start, Node ${process.version}`,
    `Moves of a mouse from a viewer through the server to the publisher, both PeerClients in one process over WebSockets, the server in another; ${SECONDS} s at each rate`,
    '',
    formatTable([['', 'arrived', 'in order', 'p50 ms', 'p99 ms', 'longest ms', `over ${FRAME_MS} ms`], ...rows]),
  ].join('\n');
}
