import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import type { Clock } from '@sluice/core';

/** A shorter time says little about the load of a processor. */
const MIN_SAMPLE_MS = 500;

/** What the server's process and its machine are at. */
export class SystemFigures {
  readonly #clock: Clock;
  #sampledAt: number;
  #usage = process.cpuUsage();
  #cpuPercent = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sampledAt = clock.monotonic();
  }

  /** Bytes, seconds, and per cent of one processor since it was last asked. */
  read(): object {
    const { rss, heapUsed } = process.memoryUsage();
    const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
    return {
      cpu_percent: this.#sampleCpu(),
      cpus: availableParallelism(),
      load_1m: load1,
      load_5m: load5,
      load_15m: load15,
      memory_rss: rss,
      memory_heap_used: heapUsed,
      memory_total: totalmem(),
      memory_free: freemem(),
      uptime: Math.round(process.uptime()),
    };
  }

  #sampleCpu(): number {
    const now = this.#clock.monotonic();
    const elapsedMs = now - this.#sampledAt;
    if (elapsedMs < MIN_SAMPLE_MS) return this.#cpuPercent;
    const { user, system } = process.cpuUsage(this.#usage);
    this.#usage = process.cpuUsage();
    this.#sampledAt = now;
    this.#cpuPercent = Math.round((user + system) / elapsedMs) / 10;
    return this.#cpuPercent;
  }
}
