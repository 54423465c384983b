import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { LoadProcess } from './load/load-process.ts';
import type { Pacing } from './load/pacer.ts';
import type { ProfileName } from './load/profiles.ts';
import type { LoadCounts, SetUpTimes } from './load/protocol.ts';
import type { ServerName } from './servers/names.ts';
import { type RunningServer, startServer } from './servers/running-server.ts';
import { type ServerUsage, receiveBufferErrors } from './servers/usage.ts';

/** Nothing has come for so long: nothing more will come. */
const QUIET_MS = 300;
const QUIET_DEADLINE_MS = 10_000;
/** More would only make the processes wait for each other. */
const VIEWERS_PER_PROCESS = 200;

/** What {@link TestBed.open} takes. */
export interface TestBedOptions {
  readonly server: ServerName;
  readonly address: string;
  readonly profile: ProfileName;
  /** Share of the packets that viewers pretend not to have got. */
  readonly loss: number;
  readonly pacing: Pacing;
  /** Gets a CPU profile of the server when it ends. */
  readonly profileFolder: string | undefined;
  /** Default 1. */
  readonly streams?: number;
  /** As many as will come, so that there are processes for them. Default 1. */
  readonly viewers?: number;
}

/** What is measured while packets are published. */
export interface Sample extends ServerUsage, Omit<LoadCounts, 'cpuMicros'> {
  readonly viewerProcessesCpuMicros: number;
  /** Datagrams lost because a receive buffer was full, the server's or a viewer's. */
  readonly bufferErrors: number;
}

/** A fresh server with its publishers, and the viewers that a measurement adds. */
export class TestBed implements AsyncDisposable {
  readonly server: RunningServer;
  readonly #streams: readonly string[];
  readonly #publishers: LoadProcess;
  readonly #viewers: readonly LoadProcess[];

  private constructor(server: RunningServer, streams: readonly string[], publishers: LoadProcess, viewers: readonly LoadProcess[]) {
    this.server = server;
    this.#streams = streams;
    this.#publishers = publishers;
    this.#viewers = viewers;
  }

  /** @throws Error when the server does not start or a publisher does not connect */
  static async open(options: TestBedOptions): Promise<TestBed> {
    const { streams = 1, viewers = 1 } = options;
    await using opened = new AsyncDisposableStack();
    const server = opened.use(await startServer(options.server, options));
    const settings = { ...options, signalling: server.signalling };
    const start = async (): Promise<LoadProcess> => opened.use(await LoadProcess.start(settings));
    const publishers = await start();
    const names = Array.from({ length: streams }, (_, index) => `s${index}`);
    await publishers.run('connectPublishers', names);
    const processes = Math.min(availableParallelism(), Math.ceil(viewers / VIEWERS_PER_PROCESS));
    const viewerProcesses: LoadProcess[] = [];
    while (viewerProcesses.length < processes) viewerProcesses.push(await start());
    opened.move();
    return new TestBed(server, names, publishers, viewerProcesses);
  }

  /** For publishers that have left. @throws Error when one cannot connect */
  async connectPublishers(): Promise<void> {
    await this.#publishers.run('connectPublishers', this.#streams);
  }

  /**
   * Connects viewers, spread over the streams and over the processes of the load generator.
   * @param atOnce handshakes of one process at a time
   * @throws Error when one cannot connect
   */
  async connectViewers(count: number, atOnce: number): Promise<readonly SetUpTimes[]> {
    const outcomes = await Promise.allSettled(this.#viewers.map((process, index) => this.#connect(process, shareOf(count, this.#viewers.length, index), atOnce)));
    return outcomes.flatMap((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
  }

  /**
   * Asks for the first stream without connecting, in one process.
   * @returns milliseconds until the server's description was there, of each
   */
  async ask(count: number, atOnce: number): Promise<readonly number[]> {
    const [process] = this.#viewers;
    const [stream] = this.#streams;
    return process && stream !== undefined ? process.run('ask', { stream, count, atOnce }) : [];
  }

  /**
   * Publishes and waits until everything has come that will.
   * @returns packets published, of all streams together
   */
  async publish(packetsPerSecond: number, seconds: number): Promise<number> {
    const published = await this.#publishers.run('publish', { packetsPerSecond, seconds });
    const deadline = performance.now() + QUIET_DEADLINE_MS;
    let before = -1;
    for (let received = 0; received !== before && performance.now() < deadline; ) {
      before = received;
      await sleep(QUIET_MS);
      ({ received } = await this.#count());
    }
    return published.reduce((sum, packets) => sum + packets, 0);
  }

  async sample(): Promise<Sample> {
    const [counts, usage, bufferErrors] = await Promise.all([this.#count(), this.server.usage(), receiveBufferErrors()]);
    const { cpuMicros: viewerProcessesCpuMicros, ...arrivals } = counts;
    return { ...arrivals, ...usage, viewerProcessesCpuMicros, bufferErrors };
  }

  /** Everybody ends the session politely; new ones may come afterwards. */
  async leave(): Promise<void> {
    for (const process of [...this.#viewers, this.#publishers]) await process.run('leave');
  }

  /** They say nothing any more. */
  async killViewers(): Promise<void> {
    await Promise.all(this.#viewers.map((process) => process[Symbol.asyncDispose]()));
  }

  async killPublishers(): Promise<void> {
    await this.#publishers[Symbol.asyncDispose]();
  }

  async #connect(process: LoadProcess, count: number, atOnce: number): Promise<readonly SetUpTimes[]> {
    const times: SetUpTimes[] = [];
    for (const [index, stream] of this.#streams.entries()) {
      const share = shareOf(count, this.#streams.length, index);
      if (share > 0) times.push(...(await process.run('connectViewers', { stream, count: share, atOnce })));
    }
    return times;
  }

  async #count(): Promise<LoadCounts> {
    const counts = await Promise.all(this.#viewers.map((process) => process.run('count')));
    return counts.reduce((sum, one) => ({
      received: sum.received + one.received,
      ignored: sum.ignored + one.ignored,
      retransmitted: sum.retransmitted + one.retransmitted,
      undecipherable: sum.undecipherable + one.undecipherable,
      withFeedback: sum.withFeedback + one.withFeedback,
      cpuMicros: sum.cpuMicros + one.cpuMicros,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.killPublishers(), this.killViewers()]);
    await this.server[Symbol.asyncDispose]();
  }
}

/** Whole parts of `count`, as even as can be. */
function shareOf(count: number, parts: number, index: number): number {
  return Math.floor((count * (index + 1)) / parts) - Math.floor((count * index) / parts);
}
