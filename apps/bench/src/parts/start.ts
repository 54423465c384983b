import { setTimeout as sleep } from 'node:timers/promises';
import { type BrowserBed, type BrowserCodec, openBrowserBed } from '../browser/browser-bed.ts';
import type { PlayTimes } from '../browser/page.ts';
import { formatNumber } from '../report/format.ts';
import { percentile } from '../statistics.ts';
import type { PartContext, PartResult } from './part.ts';

const CODECS: readonly BrowserCodec[] = ['VP8', 'H264'];
const VIEWERS = 20;
const QUICK_VIEWERS = 5;
/** Those before are the first of their kind in the browser, and on the server. */
const WARM_UP_VIEWERS = 2;
/** Until the publisher's encoder has found its rate. */
const SETTLE_MS = 3000;

interface StartResult {
  readonly codec: BrowserCodec;
  readonly viewers: readonly PlayTimes[];
}

/** How long a viewer in Chromium waits for a stream that another tab publishes live. */
export async function startPart(context: PartContext): Promise<PartResult> {
  const viewers = context.quick ? QUICK_VIEWERS : VIEWERS;
  await using bed = await openBrowserBed(context);
  const results: StartResult[] = [];
  for (const codec of CODECS) {
    context.progress(`start: ${viewers} viewers of ${codec} in Chromium`);
    results.push({ codec, viewers: await measureStarts(bed, codec, viewers) });
  }
  return {
    title: `Start in Chromium: ${viewers} viewers one after another, ms from the POST`,
    table: [
      ['codec', 'answer p50', 'p90', 'connected p50', 'p90', 'first frame p50', 'p90'],
      ...results.map(({ codec, viewers: times }) => [codec, ...spread(times, 'answerMs'), ...spread(times, 'connectedMs'), ...spread(times, 'firstFrameMs')]),
    ],
    notes: ['(the publisher is another tab with a camera of 1280 × 720, so one browser encodes and decodes on the same cores)'],
    figures: [
      { goal: 'connected', value: p50(results.flatMap((result) => result.viewers), 'connectedMs') },
      ...results.map(({ codec, viewers: times }) => ({ goal: 'firstFrame', label: codec, value: p50(times, 'firstFrameMs') }) as const),
    ],
    data: results,
  };
}

function p50(times: readonly PlayTimes[], name: keyof PlayTimes): number | undefined {
  return percentile(times.map((time) => time[name]), 0.5);
}

function spread(times: readonly PlayTimes[], name: keyof PlayTimes): string[] {
  const values = times.map((time) => time[name]);
  return [percentile(values, 0.5), percentile(values, 0.9)].map((value) => formatNumber(value, 0));
}

async function measureStarts(bed: BrowserBed, codec: BrowserCodec, viewers: number): Promise<PlayTimes[]> {
  const [publisher, viewer] = [await bed.open(), await bed.open()];
  await publisher.evaluate((media) => window.bench.publish('publisher', media), { url: bed.endpoint('whip', codec), codec });
  await sleep(SETTLE_MS);
  const times: PlayTimes[] = [];
  for (let index = 0; index < WARM_UP_VIEWERS + viewers; index++) {
    const played = await viewer.evaluate((media) => window.bench.play('viewer', media), { url: bed.endpoint('whep', codec), codec });
    await viewer.evaluate(() => window.bench.close('viewer'));
    if (index >= WARM_UP_VIEWERS) times.push(played);
    // The next one is to need a keyframe of its own.
    await sleep(1000);
  }
  await Promise.all([publisher.context().close(), viewer.context().close()]);
  return times;
}
