import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowserBed } from '../browser/browser-bed.ts';
import { formatNumber } from '../report/format.ts';
import { percentile } from '../statistics.ts';
import type { PartContext, PartResult } from './part.ts';

const RUNS = 5;
const QUICK_RUNS = 1;
const SECONDS = [1, 2, 5, 10];
const GOAL_SECONDS = 5;
const MEGABIT = 1e6;

/** What Chromium thinks that it may send, so many seconds after connecting over a path without loss. */
export async function bitratePart(context: PartContext): Promise<PartResult> {
  await using bed = await openBrowserBed(context);
  const runs: (number | undefined)[][] = [];
  for (let run = 0; run < (context.quick ? QUICK_RUNS : RUNS); run++) {
    context.progress(`bitrate: publisher ${run + 1} of 1280 × 720 in Chromium`);
    const page = await bed.open();
    await page.evaluate((media) => window.bench.publish('publisher', media), { url: bed.endpoint('whip', `b${run}`), codec: 'VP8' } as const);
    const startedAt = performance.now();
    const bitrates: (number | undefined)[] = [];
    for (const second of SECONDS) {
      await sleep(startedAt + second * 1000 - performance.now());
      bitrates.push((await page.evaluate(() => window.bench.progress('publisher'))).availableBitrate);
    }
    runs.push(bitrates);
    await page.context().close();
  }
  const median = SECONDS.map((_, index) => percentile(runs.flatMap((bitrates) => bitrates[index] ?? []), 0.5));
  return {
    title: 'Available bitrate of a Chromium publisher of 1280 × 720, Mbit/s',
    table: [
      ['after', ...SECONDS.map((second) => `${second} s`)],
      ...runs.map((bitrates, run) => [`run ${run + 1}`, ...bitrates.map((bitrate) => formatNumber(megabits(bitrate), 2))]),
    ],
    notes: [],
    figures: [{ goal: 'bitrate', value: megabits(median[SECONDS.indexOf(GOAL_SECONDS)]) }],
    data: runs,
  };
}

function megabits(bitrate: number | undefined): number | undefined {
  return bitrate === undefined ? undefined : bitrate / MEGABIT;
}
