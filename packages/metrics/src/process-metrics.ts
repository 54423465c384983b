import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { MetricFamily } from '@sluice/core';
import { counter, gauge } from './families.ts';

const RESOLUTION_MS = 10;
const QUANTILES = [0.5, 0.9, 0.99, 1];

/** This process, in the names that Prometheus has for those of every process, and the lag of its event loop. */
export class ProcessMetrics {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#delay.enable();
  }

  families(): readonly MetricFamily[] {
    const { user, system } = process.cpuUsage();
    const memory = process.memoryUsage();
    const descriptors = countDescriptors();
    return [
      gauge('sluice_event_loop_lag_seconds', 'By how much the event loop was late, since the scrape before; quantile 1 is the worst.', this.#lagSamples()),
      counter('process_cpu_seconds_total', 'CPU time used.', (user + system) / 1e6),
      gauge('process_start_time_seconds', 'Start of the process, seconds since 1970.', Math.round(performance.timeOrigin) / 1_000),
      gauge('process_resident_memory_bytes', 'Memory held.', memory.rss),
      ...(descriptors === undefined ? [] : [gauge('process_open_fds', 'Open file descriptors.', descriptors)]),
      gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', memory.heapUsed),
      gauge('nodejs_heap_limit_bytes', 'What the JavaScript heap may grow to.', getHeapStatistics().heap_size_limit),
      gauge('nodejs_external_memory_bytes', 'Memory of buffers and other native objects.', memory.external),
      gauge('nodejs_version_info', 'Always 1; the label says which Node runs.', [{ labels: { version: process.version }, value: 1 }]),
    ];
  }

  close(): void {
    this.#delay.disable();
  }

  /** What is measured is the time between two runs of a timer, so its interval is taken off. */
  #lagSamples() {
    const samples = QUANTILES.map((quantile) => {
      const delayMs = (quantile === 1 ? this.#delay.max : this.#delay.percentile(quantile * 100)) / 1e6;
      return { labels: { quantile: String(quantile) }, value: this.#delay.count === 0 ? 0 : Math.max(0, delayMs - RESOLUTION_MS) / 1_000 };
    });
    this.#delay.reset();
    return samples;
  }
}

/** Undefined where the system does not list them. */
function countDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
