import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sequenceDistance } from '../rtp/sequence.ts';
import { type Sent, type SilentPublisher, TestViewer } from './testing/test-viewer.ts';

/** Shrinking a counterexample takes a while. */
const LONG = { timeout: 60_000 };

type Step =
  | { readonly kind: 'packet'; readonly layer: number; readonly fate: 'sent' | 'lost' | 'late'; readonly keyframe: boolean }
  | { readonly kind: 'recovered' | 'switch' }
  | { readonly kind: 'limit'; readonly layer: string }
  | { readonly kind: 'estimate'; readonly bitrate: number | undefined }
  | { readonly kind: 'tick'; readonly ms: number }
  | { readonly kind: 'nack'; readonly back: number };

/** Packets that each source has sent before the viewer comes. */
const LEAD = 100;

const packet = fc.record({
  kind: fc.constant('packet' as const),
  layer: fc.nat(2),
  fate: fc.oneof({ weight: 12, arbitrary: fc.constant('sent' as const) }, fc.constantFrom('lost' as const, 'late' as const)),
  keyframe: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, fc.constant(true)),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: packet },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('tick' as const), ms: fc.constantFrom(20, 40, 400) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('nack' as const), back: fc.integer({ min: -3, max: 300 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('recovered' as const) }) },
  fc.record({ kind: fc.constant('switch' as const) }),
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('limit' as const), layer: fc.constantFrom('h', 'm', 'l') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('estimate' as const), bitrate: fc.constantFrom(undefined, 0, 20_000, 100_000, 1_000_000) }) },
);

/** Plays a story to the end for a viewer who comes late: packets get lost or come late, sources and layers change. */
async function play(viewer: TestViewer, story: readonly Step[], sources: readonly SilentPublisher[], burst: number): Promise<void> {
  const late: (() => void)[] = [];
  for (const source of sources) source.temporal = true;
  let current = 0;
  const next = sources.map(({ layers }) => layers.map(() => LEAD));
  for (const source of sources) for (let number = 0; number < LEAD; number++) for (const index of source.layers.keys()) source.send(number, number === 0, index);
  viewer.track.attach(sources[0]!);
  viewer.track.start();
  for (const event of story) {
    const source = sources[current]!;
    if (event.kind === 'tick') await viewer.pass(event.ms);
    if (event.kind === 'recovered') late.shift()?.();
    if (event.kind === 'nack') viewer.track.onNack([((viewer.sent.at(-1)?.sequenceNumber ?? 0) - event.back) & 0xffff]);
    if (event.kind === 'switch') {
      current = (current + 1) % sources.length;
      viewer.track.attach(sources[current]!);
    }
    if (event.kind === 'estimate') viewer.estimate = event.bitrate;
    if (event.kind === 'limit') viewer.track.limitLayer(event.layer);
    if (event.kind !== 'packet') continue;
    const index = event.layer % source.layers.length;
    for (let count = 0; count < burst; count++) {
      const number = next[current]![index]!++;
      const send = () => source.send(number, event.keyframe && count === 0, index);
      if (event.fate === 'sent') send();
      if (event.fate === 'late') late.push(send);
    }
  }
}

it.each([0, 5])('never gives two packets one number, nor lets time run backwards, gathering for %i ms', LONG, async (flushIntervalMs) => {
  const stories = fc.array(step, { minLength: 20, maxLength: 250, size: 'max' });
  let replays = 0;
  let layerSwitches = 0;
  let leftOut = 0;
  await fc.assert(fc.asyncProperty(stories, fc.integer({ min: 1, max: 40 }), async (story, burst) => {
    const viewer = new TestViewer(flushIntervalMs);
    await play(viewer, story, [viewer.simulcast(), viewer.source(1, 65_000), viewer.source(1, 65_010)], burst);
    const bySequence = new Map<number, Sent>();
    for (const one of viewer.sent) {
      const before = bySequence.get(one.sequenceNumber) ?? one;
      expect(one.bytes.equals(before.bytes)).toBe(true);
      bySequence.set(one.sequenceNumber, one);
    }
    const inOrder = [...bySequence.values()].toSorted((a, b) => sequenceDistance(b.sequenceNumber, a.sequenceNumber));
    const backwards = inOrder.slice(1).filter((one, index) => ((one.timestamp - inOrder[index]!.timestamp) | 0) < 0);
    expect(backwards).toEqual([]);
    replays += viewer.track.replays;
    layerSwitches += viewer.track.stats().layerSwitches;
    leftOut += viewer.track.dropped.temporalLayer;
  }), { numRuns: 100 });
  expect(replays).toBeGreaterThan(100);
  expect(layerSwitches).toBeGreaterThan(10);
  expect(leftOut).toBeGreaterThan(100);
});

it.each([0, 5])('leaves no gap when the network loses nothing, however often sources change, gathering for %i ms', LONG, async (flushIntervalMs) => {
  const lossless = step.filter((event) => event.kind !== 'nack' && (event.kind !== 'packet' || event.fate === 'sent'));
  const stories = fc.array(lossless, { minLength: 20, maxLength: 250, size: 'max' });
  await fc.assert(fc.asyncProperty(stories, fc.integer({ min: 1, max: 40 }), async (story, burst) => {
    const viewer = new TestViewer(flushIntervalMs);
    await play(viewer, story, [viewer.simulcast(), viewer.source(2, 300)], burst);
    const distances = viewer.steps((from, to) => sequenceDistance(from.sequenceNumber, to.sequenceNumber));
    expect(distances.filter((distance) => distance !== 1)).toEqual([]);
  }), { numRuns: 100 });
});
