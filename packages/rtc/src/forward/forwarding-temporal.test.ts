import { beforeEach, describe, expect, it } from 'vitest';
import { sequenceDistance } from '../rtp/sequence.ts';
import { type SilentPublisher, TestViewer, temporalLayerOf } from './testing/test-viewer.ts';

const FRAME_MS = 40;

let viewer: TestViewer;
let source: SilentPublisher;
let next: number;

beforeEach(() => {
  viewer = new TestViewer();
  source = viewer.source();
  source.temporal = true;
  next = 0;
});

async function publish(frames: number, lost: readonly number[] = []): Promise<void> {
  for (const end = next + frames; next < end; next++) {
    if (!lost.includes(next)) source.send(next, next === 0);
    await viewer.pass(FRAME_MS);
  }
}

/** A viewer from the first picture on, until the rates are known. */
async function begin(): Promise<void> {
  viewer.track.attach(source);
  viewer.track.start();
  await publish(100);
}

/** What the layer takes up to a temporal layer, bit/s. */
function rateUpTo(temporalLayer: number): number {
  return source.layers[0]!.rungs[temporalLayer]!.bitrate(viewer.clock.monotonic());
}

function sentSince(number: number): readonly number[] {
  return viewer.numbers.filter((one) => one >= number).map(temporalLayerOf);
}

describe('a viewer whose path carries a part of the pictures', () => {
  it('is sent so many temporal layers as fit, under numbers without gaps', async () => {
    await begin();
    const before = next;
    viewer.estimate = rateUpTo(1) * 1.05;
    await publish(100);
    expect(new Set(sentSince(before + 4))).toEqual(new Set([0, 1]));
    viewer.estimate = 1;
    await publish(100);
    expect(new Set(sentSince(before + 104))).toEqual(new Set([0]));
    expect(new Set(viewer.steps((from, to) => sequenceDistance(from.sequenceNumber, to.sequenceNumber)))).toEqual(new Set([1]));
    expect(new Set(viewer.steps((from, to) => (to.pictureId - from.pictureId) & 0x7fff))).toEqual(new Set([1]));
    expect(viewer.track.dropped.temporalLayer).toBe(300 - viewer.sent.length);
  });

  it('is sent all again when there has been room for a while, one layer after another, each from where that does no harm', async () => {
    await begin();
    viewer.estimate = 1;
    await publish(40);
    viewer.estimate = rateUpTo(2) * 2;
    const before = next;
    await publish(200);
    const layers = sentSince(before);
    const firsts = [1, 2].map((layer) => layers.indexOf(layer));
    expect(firsts[0]).toBeGreaterThan(0);
    expect(firsts[1]).toBeGreaterThan(firsts[0]!);
    const firstOfTop = viewer.numbers.find((number) => number >= before && temporalLayerOf(number) === 2)!;
    expect(firstOfTop % 4).toBe(1);
    expect(layers.slice(-4).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 2]);
    expect(viewer.track.desiredBitrate).toBe(0);
  });

  it('says that it would like the rest', async () => {
    await begin();
    viewer.estimate = 1;
    await publish(10);
    expect(viewer.track.desiredBitrate).toBeGreaterThan(0);
  });

  it('gets what its NACKs mean, renumbered as it was', async () => {
    await begin();
    viewer.estimate = rateUpTo(1) * 1.05;
    await publish(40);
    const sent = viewer.sent.slice(-30);
    viewer.track.onNack(sent.map(({ sequenceNumber }) => sequenceNumber));
    expect(viewer.sent.slice(-30).map(({ bytes }) => bytes)).toEqual(sent.map(({ bytes }) => bytes));
  });

  it('keeps a number free for what may still come, and takes it whatever it is', async () => {
    await begin();
    viewer.estimate = 1;
    await publish(20);
    const base = next;
    expect(base % 4).toBe(0);
    await publish(8, [base + 4, base + 5]);
    const before = viewer.sent.length;
    source.send(base + 4);
    source.send(base + 5);
    await publish(4);
    const late = viewer.sent.slice(before).toSorted((a, b) => sequenceDistance(b.sequenceNumber, a.sequenceNumber));
    expect(late.map(({ number }) => number - base)).toEqual([4, 5, 8]);
    const all = [...viewer.sent].toSorted((a, b) => sequenceDistance(b.sequenceNumber, a.sequenceNumber));
    expect(new Set(all.slice(1).map(({ sequenceNumber }, index) => sequenceDistance(all[index]!.sequenceNumber, sequenceNumber)))).toEqual(new Set([1]));
  });
});

it('every picture is sent without an estimate', async () => {
  await begin();
  await publish(100);
  expect(viewer.numbers).toEqual(Array.from({ length: 200 }, (_, number) => number));
});
