import { setTimeout as sleep } from 'node:timers/promises';
import { openBrowserBed } from '../browser/browser-bed.ts';
import { formatNumber } from '../report/format.ts';
import { percentile } from '../statistics.ts';
import { TestBed } from '../test-bed.ts';
import type { PartContext, PartResult } from './part.ts';

const VIEWERS = 10;
const CONNECTING_AT_ONCE = 5;
const PACKETS_PER_SECOND = 100;
const PUBLISH_SECONDS = 3;
const LOOK_MS = 20;
const DEADLINE_MS = 60_000;
const CLOSES = 10;
const QUICK_CLOSES = 3;

/** How long it takes until a client that was killed is forgotten, and until a client knows that the server has ended its session. */
export async function endsPart(context: PartContext): Promise<PartResult> {
  context.progress('ends: clients that are killed');
  const vanished = await measureVanished(context);
  context.progress('ends: sessions that the server ends');
  const closes = await measureCloses(context);
  const close = percentile(closes, 0.5);
  return {
    title: 'Ends, s',
    table: [
      ['', 's'],
      ['killed viewers freed', formatNumber(vanished.viewers, 2)],
      ['killed publisher freed', formatNumber(vanished.publisher, 2)],
      ['DELETE of a session → seen by Chromium, p50', formatNumber(close, 3)],
      ['DELETE of a session → seen by Chromium, longest', formatNumber(Math.max(...closes), 3)],
    ],
    notes: [],
    figures: [
      { goal: 'vanished', label: 'viewer', value: vanished.viewers },
      { goal: 'vanished', label: 'publisher', value: vanished.publisher },
      { goal: 'politeClose', value: close },
    ],
    data: { vanished, closes },
  };
}

async function measureVanished(context: PartContext): Promise<{ readonly viewers: number; readonly publisher: number }> {
  await using bed = await TestBed.open({ ...context, server: 'native', viewers: VIEWERS });
  await bed.connectViewers(VIEWERS, CONNECTING_AT_ONCE);
  await bed.publish(PACKETS_PER_SECOND, PUBLISH_SECONDS);
  await bed.killViewers();
  const viewers = await secondsUntil('no viewer is left', async () => (await streamsOf(bed))[0]?.readers === 0);
  await bed.killPublishers();
  const publisher = await secondsUntil('no stream is left', async () => (await streamsOf(bed)).length === 0);
  return { viewers, publisher };
}

async function streamsOf(bed: TestBed): Promise<readonly { readonly readers: number }[]> {
  const response = await fetch(`${bed.server.signalling.url}/api/v1/streams`);
  const streams: { readonly readers: number }[] = JSON.parse(await response.text());
  return streams;
}

async function secondsUntil(what: string, probe: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now();
  while (!(await probe())) {
    if (performance.now() - startedAt > DEADLINE_MS) throw new Error(`Waited ${DEADLINE_MS} ms in vain: ${what}.`);
    await sleep(LOOK_MS);
  }
  return (performance.now() - startedAt) / 1000;
}

/** @returns seconds of each */
async function measureCloses(context: PartContext): Promise<number[]> {
  await using bed = await openBrowserBed(context);
  const page = await bed.open();
  await page.evaluate((media) => window.bench.publish('publisher', media), { url: bed.endpoint('whip', 'ends'), codec: 'VP8' } as const);
  const closes: number[] = [];
  for (let index = 0; index < (context.quick ? QUICK_CLOSES : CLOSES); index++) {
    await page.evaluate((media) => window.bench.play('viewer', media), { url: bed.endpoint('whep', 'ends'), codec: 'VP8' } as const);
    closes.push((await page.evaluate(() => window.bench.endedByServer('viewer'))) / 1000);
  }
  return closes;
}
