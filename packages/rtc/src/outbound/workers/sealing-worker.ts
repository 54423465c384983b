import { parentPort, workerData } from 'node:worker_threads';
import { silentLogger } from '@sluice/core';
import { chooseTier } from '../../tier.ts';
import { OutboundQueue } from '../outbound-queue.ts';
import type { RingMemory } from './shared-ring.ts';
import { WorkerLoop } from './worker-loop.ts';
import { WORKER_COUNTER, WorkerPort, type WorkerSocket } from './worker-port.ts';

/** What the engine gives a worker; everything is shared memory or plain. */
export interface SealingWorkerData {
  readonly memory: RingMemory;
  /** One word: not 0 = the worker is to end. */
  readonly stop: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly sockets: readonly WorkerSocket[];
}

/** An end is noticed no later than this. */
const LONGEST_WAIT_MS = 500;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- worker-pool.ts alone starts this thread
const { memory, stop, counters, sockets } = workerData as SealingWorkerData;
const counted = new Uint32Array(counters);
const stopped = new Int32Array(stop);
const tier = await chooseTier('native', silentLogger);
const sender = tier.createSender(new WorkerPort(sockets, counted));
const outbound = new OutboundQueue({ arena: tier.arena, sealer: tier.sealer, sender });
const loop = new WorkerLoop({ memory, arena: tier.arena, outbound, onNotSealed: () => void Atomics.add(counted, WORKER_COUNTER.notSealed, 1) });

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
parentPort?.postMessage('ready');
while (Atomics.load(stopped, 0) === 0) loop.turn(LONGEST_WAIT_MS);
// What was handed over before the end.
loop.turn(0);
tier.sealer.close();
