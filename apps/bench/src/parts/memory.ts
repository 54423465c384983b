import { setTimeout as sleep } from 'node:timers/promises';
import { formatNumber } from '../report/format.ts';
import { TestBed } from '../test-bed.ts';
import type { PartContext, PartResult } from './part.ts';

const VIEWERS = 300;
const QUICK_VIEWERS = 100;
const CONNECTING_AT_ONCE = 5;
const PACKETS_PER_SECOND = 200;
const PUBLISH_SECONDS = 3;
/** What ends with a session may hold a timer for so long. */
const SETTLE_MS = 20_000;
const QUICK_SETTLE_MS = 4000;
const LOADS = 5;
const MIB = 1024 * 1024;

interface Level {
  readonly when: string;
  readonly rssBytes: number;
}

/** Whether memory returns: what the last two of several equal loads leave behind more than the first two, against what the first took. */
export async function memoryPart(context: PartContext): Promise<PartResult> {
  const viewers = context.quick ? QUICK_VIEWERS : VIEWERS;
  const levels: Level[] = [];
  await using bed = await TestBed.open({ ...context, server: 'native', viewers });
  const level = async (when: string): Promise<number> => {
    const { rssBytes } = await bed.server.usage({ collect: true });
    levels.push({ when, rssBytes });
    return rssBytes;
  };
  const before = await level('before');
  const loaded: number[] = [];
  const left: number[] = [];
  for (let load = 1; load <= LOADS; load++) {
    context.progress(`memory: load ${load} of ${LOADS}, ${viewers} viewers`);
    if (load > 1) await bed.connectPublishers();
    await bed.connectViewers(viewers, CONNECTING_AT_ONCE);
    await bed.publish(PACKETS_PER_SECOND, PUBLISH_SECONDS);
    loaded.push(await level(`load ${load}`));
    await bed.leave();
    await sleep(context.quick ? QUICK_SETTLE_MS : SETTLE_MS);
    left.push(await level(`after load ${load}`));
  }
  const taken = (loaded[0] ?? before) - before;
  // The garbage collector gives back when it likes, so the lesser of two counts.
  const kept = Math.max(0, Math.min(...left.slice(-2)) - Math.min(...left.slice(0, 2))) / taken;
  return {
    title: `Memory: RSS while ${viewers} viewers come and go, MiB`,
    table: [levels.map(({ when }) => when), levels.map(({ rssBytes }) => formatNumber(rssBytes / MIB, 0))],
    notes: ['(after garbage collection; V8 keeps room that it has once had, so the loads are repeated)'],
    figures: [{ goal: 'memoryKept', value: kept }],
    data: levels,
  };
}
