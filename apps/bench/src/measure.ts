import type { FanOutResult, SetUpResult } from './results.ts';
import { percentile } from './statistics.ts';
import { TestBed, type TestBedOptions } from './test-bed.ts';

/** Sessions that are made before anything is measured, so that the code is compiled. */
const WARM_UP_SESSIONS = 20;
const WARM_UP_SECONDS = 3;
/** Handshakes at a time where only their result counts. */
const CONNECTING_AT_ONCE = 5;

/** What sessions cost: made one after another, while nothing is published. */
export async function measureSetUp(options: TestBedOptions, sessions: number): Promise<SetUpResult> {
  await using bed = await TestBed.open(options);
  await bed.connectViewers(WARM_UP_SESSIONS, CONNECTING_AT_ONCE);
  const before = await bed.server.usage({ collect: true });
  const viewers = await bed.connectViewers(sessions, 1);
  const connected = await bed.server.usage();
  const settled = await bed.server.usage({ collect: true });
  const answerMs = viewers.map((viewer) => viewer.answerMs);
  return {
    server: options.server,
    sessions,
    cpuMsPerSession: (connected.cpuMicros - before.cpuMicros) / 1000 / sessions,
    answerMsP50: percentile(answerMs, 0.5),
    answerMsP99: percentile(answerMs, 0.99),
    rssBytesPerViewer: (settled.rssBytes - before.rssBytes) / sessions,
  };
}

/** What forwarding costs at each rate, with the same viewers. */
export async function measureFanOut(options: TestBedOptions, viewers: number, rates: readonly number[], seconds: number): Promise<FanOutResult[]> {
  await using bed = await TestBed.open(options);
  await bed.connectViewers(viewers, CONNECTING_AT_ONCE);
  const results: FanOutResult[] = [];
  for (const packetsPerSecond of rates) {
    await bed.publish(packetsPerSecond, WARM_UP_SECONDS);
    const before = await sample(bed);
    const published = await bed.publish(packetsPerSecond, seconds);
    const after = await sample(bed);
    results.push({
      server: options.server,
      viewers,
      packetsPerSecond,
      seconds,
      published,
      received: after.received - before.received,
      serverSent: after.packetsSent - before.packetsSent,
      serverCpuMicros: after.cpuMicros - before.cpuMicros,
      serverRssBytes: after.rssBytes,
      generatorCpuMicros: after.generatorCpuMicros - before.generatorCpuMicros,
    });
  }
  return results;
}

async function sample(bed: TestBed) {
  const usage = await bed.server.usage();
  const { user, system } = process.cpuUsage();
  return { ...usage, received: bed.received, generatorCpuMicros: user + system };
}
