import { Worker } from 'node:worker_threads';
import type { Clock, Logger, Undo } from '@sluice/core';
import type { Outbound, OutboundOwner } from '../outbound.ts';
import type { PacketArena } from '../packet-arena.ts';
import { SLOT_BYTES } from '../packet-batch.ts';
import type { SealingWorkerData } from './sealing-worker.ts';
import { type RingMemory, createRingMemory } from './shared-ring.ts';
import { WorkerOutbound } from './worker-outbound.ts';
import { WORKER_COUNTER, WORKER_COUNTERS, type WorkerSocket } from './worker-port.ts';

const RING_BYTES = 4 * 1024 * 1024;
const CHECK_INTERVAL_MS = 1000;
/** A worker that has something to read and reads nothing for so many checks hangs. */
const MAX_IDLE_CHECKS = 3;
/** From the crash of a worker until another one takes its place. */
const RESTART_DELAY_MS = 1000;
const END_TIMEOUT_MS = 1000;

// TypeScript rewrites the paths of imports only.
const SCRIPT = new URL(import.meta.url.endsWith('.ts') ? './sealing-worker.ts' : './sealing-worker.js', import.meta.url);

/** What {@link WorkerPool} takes. */
export interface WorkerPoolOptions {
  readonly workers: number;
  readonly arena: PacketArena;
  readonly sockets: readonly WorkerSocket[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** What a thread runs; for tests. */
  readonly script?: URL | undefined;
}

/** Counters of a {@link WorkerPool}, of all workers that there were. */
export interface WorkerPoolCounters {
  /** Workers that work now. */
  readonly running: number;
  /** Workers that have ended without being told to. */
  readonly crashes: number;
  readonly sent: number;
  /** Packets that a worker did not send, by reason; `overflow` = it did not keep up with its ring. */
  readonly dropped: Readonly<Record<'overflow' | Exclude<keyof typeof WORKER_COUNTER, 'sent'>, number>>;
}

/** One worker with its ring, and those that send by it. */
interface Member {
  readonly thread: Worker;
  readonly outbound: WorkerOutbound;
  /** Arena offset of the outbound's slot. */
  readonly slot: number;
  readonly owners: Set<OutboundOwner>;
  readonly counters: Uint32Array;
  readonly stop: Int32Array;
  isReady: boolean;
  lastReadPosition: number;
  idleChecks: number;
}

/** Threads that seal and send for the engine. One that crashes or hangs ends the sessions that it served, and is replaced. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #members = new Set<Member>();
  readonly #ended = new Uint32Array(WORKER_COUNTERS);
  #overflows = 0;
  #crashes = 0;
  #isClosed = false;
  #cancelCheck: Undo;
  /** Of workers that ended: the arena gives nothing back, and one that always crashes must not use it up. */
  readonly #freeSlots: number[] = [];
  readonly #cancelRestarts = new Set<Undo>();

  /** Starts the threads; they take part once they are ready. */
  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    for (let index = 0; index < options.workers; index++) this.#start();
    this.#cancelCheck = options.clock.setTimeout(() => this.#check(), CHECK_INTERVAL_MS);
  }

  get counters(): WorkerPoolCounters {
    const members = [...this.#members];
    const count = (name: keyof typeof WORKER_COUNTER): number =>
      members.reduce((sum, { counters }) => sum + Atomics.load(counters, WORKER_COUNTER[name]), this.#ended[WORKER_COUNTER[name]] ?? 0);
    return {
      running: members.filter(({ isReady }) => isReady).length,
      crashes: this.#crashes,
      sent: count('sent'),
      dropped: {
        overflow: members.reduce((sum, { outbound }) => sum + outbound.overflows, this.#overflows),
        queueFull: count('queueFull'),
        noSocket: count('noSocket'),
        refused: count('refused'),
        closed: count('closed'),
        notSealed: count('notSealed'),
      },
    };
  }

  /** Gives a peer to the worker with the fewest. @returns undefined while none is ready */
  join(owner: OutboundOwner): Outbound | undefined {
    let best: Member | undefined;
    for (const member of this.#members) if (member.isReady && (!best || member.owners.size < best.owners.size)) best = member;
    best?.owners.add(owner);
    return best?.outbound;
  }

  /** The peer sends by no worker any more. */
  leave(owner: OutboundOwner): void {
    for (const { owners } of this.#members) owners.delete(owner);
  }

  flush(): void {
    for (const { outbound } of this.#members) outbound.flush();
  }

  /** Ends the threads; afterwards none touches a socket. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelCheck();
    for (const cancel of this.#cancelRestarts) cancel();
    await Promise.all(Array.from(this.#members, (member) => this.#end(member)));
  }

  /** It sends what it has, and frees what OpenSSL holds for it; one that does not is ended in the middle of it. */
  async #end({ outbound, stop, thread }: Member): Promise<void> {
    // An error on the way is logged, and no reason to keep the port.
    const ended = new Promise((resolve) => {
      thread.once('exit', resolve);
    });
    outbound.flush();
    outbound.close();
    Atomics.store(stop, 0, 1);
    outbound.wake();
    const cancel = this.#options.clock.setTimeout(() => void thread.terminate(), END_TIMEOUT_MS);
    await ended;
    cancel();
  }

  #start(): void {
    const { arena } = this.#options;
    const memory: RingMemory = createRingMemory(RING_BYTES);
    const slot = this.#freeSlots.pop() ?? arena.allocate(SLOT_BYTES);
    const stop = new SharedArrayBuffer(4);
    const counters = new SharedArrayBuffer(4 * WORKER_COUNTERS);
    const workerData: SealingWorkerData = { memory, stop, counters, sockets: this.#options.sockets };
    const thread = new Worker(this.#options.script ?? SCRIPT, { workerData, name: 'sluice media' });
    const member: Member = {
      thread,
      outbound: new WorkerOutbound(arena, memory, slot),
      slot,
      owners: new Set(),
      counters: new Uint32Array(counters),
      stop: new Int32Array(stop),
      isReady: false,
      lastReadPosition: 0,
      idleChecks: 0,
    };
    this.#members.add(member);
    thread.once('message', () => {
      member.isReady = true;
    });
    thread.on('error', (error) => this.#options.logger.error({ err: error }, 'A worker of the media engine failed'));
    thread.once('exit', () => this.#onExit(member));
    // The engine's port keeps the process alive, and a worker alone must not.
    thread.unref();
  }

  #onExit(member: Member): void {
    this.#members.delete(member);
    member.outbound.close();
    this.#freeSlots.push(member.slot);
    this.#overflows += member.outbound.overflows;
    for (let index = 0; index < WORKER_COUNTERS; index++) this.#ended[index] = (this.#ended[index] ?? 0) + (member.counters[index] ?? 0);
    if (this.#isClosed) return;
    this.#crashes++;
    this.#options.logger.error({ sessions: member.owners.size }, 'A worker of the media engine has crashed; its sessions end, and another worker takes its place.');
    for (const owner of member.owners) owner.onOutboundFailed('the worker that sent its packets crashed');
    const cancel = this.#options.clock.setTimeout(() => {
      this.#cancelRestarts.delete(cancel);
      this.#start();
    }, RESTART_DELAY_MS);
    this.#cancelRestarts.add(cancel);
  }

  #check(): void {
    for (const member of this.#members) if (this.#hangs(member)) void member.thread.terminate();
    this.#cancelCheck = this.#options.clock.setTimeout(() => this.#check(), CHECK_INTERVAL_MS);
  }

  #hangs(member: Member): boolean {
    const { readPosition, unread } = member.outbound;
    const isIdle = member.isReady && unread > 0 && readPosition === member.lastReadPosition;
    member.idleChecks = isIdle ? member.idleChecks + 1 : 0;
    member.lastReadPosition = readPosition;
    return member.idleChecks >= MAX_IDLE_CHECKS;
  }
}
