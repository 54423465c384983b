import { setTimeout as sleep } from 'node:timers/promises';
import { leadThrough } from '@sluice/e2e/impaired-page';
import { createImpairedPath } from '@sluice/testing';
import { type BrowserBed, openBrowserBed } from '../browser/browser-bed.ts';
import type { Progress } from '../browser/page.ts';
import type { Figure, GoalId } from '../goals.ts';
import { formatNumber, formatPercent } from '../report/format.ts';
import type { PartContext, PartResult } from './part.ts';

/** The first shows how smooth the picture is when nothing is lost on this machine. */
const CASES: readonly LossCase[] = [
  { at: 'viewer', loss: 0 },
  { at: 'viewer', loss: 0.05 },
  { at: 'publisher', loss: 0.05 },
  { at: 'viewer', loss: 0.1 },
  { at: 'publisher', loss: 0.1 },
];
const GOALS_BY_LOSS: ReadonlyMap<number, GoalId> = new Map([
  [0.05, 'freezes5'],
  [0.1, 'freezes10'],
]);
const DELAY_MS = 10;
const WATCH_SECONDS = 60;
const QUICK_WATCH_SECONDS = 8;
/** Until the picture runs and the publisher's rate has risen. */
const SETTLE_MS = 3000;
const SECONDS_PER_MINUTE = 60;

interface LossCase {
  readonly at: 'viewer' | 'publisher';
  /** Of both directions, 0 to 1. */
  readonly loss: number;
}

interface LossResult extends LossCase {
  readonly seconds: number;
  readonly freezes: number;
  readonly freezeSeconds: number;
  readonly framesDecoded: number;
  /** Packets that the relay has dropped. */
  readonly dropped: number;
}

/** Freezes of a viewer's picture, as Chromium counts them, while packets get lost on either side of the server. */
export async function lossPart(context: PartContext): Promise<PartResult> {
  await using bed = await openBrowserBed(context);
  const results: LossResult[] = [];
  for (const lossCase of CASES) {
    context.progress(`loss: ${formatPercent(lossCase.loss, 0)} at the ${lossCase.at}`);
    results.push(await measureLoss(bed, lossCase, context.quick ? QUICK_WATCH_SECONDS : WATCH_SECONDS));
  }
  return {
    title: `Loss in both directions, ${DELAY_MS} ms of delay in each, VP8 of 1280 × 720`,
    table: [
      ['loss', 'at', 'freezes per minute', 'frozen', 'frames/s', 'packets lost'],
      ...results.map(({ loss, at, seconds, freezes, freezeSeconds, framesDecoded, dropped }) => [
        formatPercent(loss, 0),
        at,
        formatNumber(freezesPerMinute({ freezes, seconds }), 1),
        `${formatNumber(freezeSeconds, 1)} s of ${formatNumber(seconds, 0)}`,
        formatNumber(framesDecoded / seconds, 1),
        String(dropped),
      ]),
    ],
    notes: [],
    figures: results.flatMap(figureOf),
    data: results,
  };
}

function figureOf(result: LossResult): Figure[] {
  const goal = GOALS_BY_LOSS.get(result.loss);
  return goal === undefined ? [] : [{ goal, label: result.at, value: freezesPerMinute(result) }];
}

function freezesPerMinute({ freezes, seconds }: Pick<LossResult, 'freezes' | 'seconds'>): number {
  return (freezes * SECONDS_PER_MINUTE) / seconds;
}

async function measureLoss(bed: BrowserBed, lossCase: LossCase, seconds: number): Promise<LossResult> {
  const { at, loss } = lossCase;
  await using path = await createImpairedPath({ seed: 7 });
  const [publisher, viewer] = [await bed.open(), await bed.open()];
  await leadThrough(at === 'viewer' ? viewer : publisher, path);
  const stream = `${at}-${loss * 100}`;
  await publisher.evaluate((media) => window.bench.publish('publisher', media), { url: bed.endpoint('whip', stream), codec: 'VP8' } as const);
  await viewer.evaluate((media) => window.bench.play('viewer', media), { url: bed.endpoint('whep', stream), codec: 'VP8' } as const);
  await sleep(SETTLE_MS);
  const impairment = { loss, delayMs: DELAY_MS };
  path.impair({ toClient: impairment, toServer: impairment });
  const look = (): Promise<Progress> => viewer.evaluate(() => window.bench.progress('viewer'));
  const before = await look();
  await sleep(seconds * 1000);
  const after = await look();
  await Promise.all([publisher.context().close(), viewer.context().close()]);
  const { toClient, toServer } = path.counters;
  return {
    ...lossCase,
    seconds,
    freezes: after.freezes - before.freezes,
    freezeSeconds: after.freezeSeconds - before.freezeSeconds,
    framesDecoded: after.framesDecoded - before.framesDecoded,
    dropped: toClient.lost + toServer.lost,
  };
}
