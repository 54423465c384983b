import { beforeEach, describe, expect, it } from 'vitest';
import { ntpFromUnixMs } from '../rtp/ntp.ts';
import { parseRtcp } from '../rtp/rtcp-parse.ts';
import { sequenceDistance } from '../rtp/sequence.ts';
import { FRAME_TICKS, type SilentPublisher, TestViewer } from './testing/test-viewer.ts';

const FRAME_MS = 40;
const [LOW, MIDDLE, HIGH] = [0, 1, 2] as const;

let viewer: TestViewer;
let source: SilentPublisher;
let next: number;

beforeEach(() => {
  viewer = new TestViewer();
  source = viewer.simulcast();
  next = 0;
});

/** Publishes pictures on the given layers in real time. @param keyframes layers whose first picture is a keyframe */
async function publish(frames: number, { layers = [LOW, MIDDLE, HIGH], keyframes = [] }: { readonly layers?: readonly number[]; readonly keyframes?: readonly number[] } = {}): Promise<void> {
  for (let frame = 0; frame < frames; frame++, next++) {
    for (const layer of layers) source.send(next, frame === 0 && keyframes.includes(layer), layer);
    await viewer.pass(FRAME_MS);
  }
}

/** Lets a viewer begin in the middle of a stream whose layers have settled. */
async function begin(limit?: string): Promise<void> {
  await publish(100, { keyframes: [LOW, MIDDLE, HIGH] });
  viewer.track.attach(source);
  viewer.track.limitLayer(limit);
  viewer.track.start();
  await publish(10, { keyframes: [LOW, MIDDLE, HIGH] });
}

function sentLayers(): readonly (number | undefined)[] {
  const layers = viewer.sent.map(({ layer }) => layer);
  return layers.filter((layer, index) => layer !== layers[index - 1]);
}

function expectGapless(): void {
  expect(new Set(viewer.steps((from, to) => sequenceDistance(from.sequenceNumber, to.sequenceNumber)))).toEqual(new Set([1]));
}

describe('a viewer of several layers', () => {
  it('is sent the best of them, and no packet of another', async () => {
    await begin();
    await publish(20);
    expect(sentLayers()).toEqual([HIGH]);
    expect(viewer.sent).toHaveLength(30);
    expect(viewer.track.dropped.otherLayer).toBe(60);
    expect(viewer.track.stats()).toMatchObject({ rid: 'h', nextRid: undefined, layerSwitches: 0 });
    expect(source.layers.map(({ viewers }) => viewers)).toEqual([0, 0, 1]);
  });

  it('is sent the one it is bound to', async () => {
    await begin('m');
    await publish(20);
    expect(sentLayers()).toEqual([MIDDLE]);
    expect(source.layers[MIDDLE]!.requests).toBe(0 + 1);
    expect(source.layers[HIGH]!.requests).toBe(0);
  });

  it('changes at a keyframe of the other layer, which is asked for until it comes, and goes on meanwhile', async () => {
    await begin();
    viewer.track.limitLayer('l');
    await publish(60);
    expect(sentLayers()).toEqual([HIGH]);
    expect(viewer.track.stats()).toMatchObject({ rid: 'h', nextRid: 'l' });
    expect(source.layers[LOW]!.requests).toBe(3);
    await publish(5, { keyframes: [LOW] });
    expect(sentLayers()).toEqual([HIGH, LOW]);
    expectGapless();
    expect(viewer.track.stats()).toMatchObject({ rid: 'l', nextRid: undefined, layerSwitches: 1 });
    expect(source.layers.map(({ viewers }) => viewers)).toEqual([1, 0, 0]);
  });

  it('stays where it is when it changes its mind before the keyframe', async () => {
    await begin();
    viewer.track.limitLayer('l');
    await publish(5);
    viewer.track.limitLayer(undefined);
    await publish(60);
    await publish(5, { keyframes: [LOW] });
    expect(sentLayers()).toEqual([HIGH]);
  });

  it('moves on when its layer falls silent', async () => {
    await begin();
    await publish(30, { layers: [LOW, MIDDLE] });
    expect(viewer.track.stats()).toMatchObject({ rid: 'h', nextRid: 'm' });
    await publish(5, { layers: [LOW, MIDDLE], keyframes: [MIDDLE] });
    expect(sentLayers()).toEqual([HIGH, MIDDLE]);
    expectGapless();
  });

  it('is told of a layer that the source does not have', async () => {
    await begin();
    expect(() => viewer.track.limitLayer('x')).toThrow(expect.objectContaining({ code: 'LAYER_UNKNOWN', status: 422, message: expect.stringContaining('l, m, h') }));
  });

  it('goes down when much is lost, as long as nobody estimates its path', async () => {
    await begin();
    const report = { ssrc: 5000, fractionLost: 80, packetsLost: 0, extendedHighestSequence: 0, jitter: 0, lastSenderReport: 0, delaySinceLastSenderReport: 0 };
    for (let reports = 0; reports < 2; reports++) viewer.track.onReport(report);
    await publish(5);
    expect(viewer.track.stats().nextRid).toBe('m');
  });

  it('has its keyframe request sent to the layer it is sent', async () => {
    await begin('m');
    const before = source.layers.map(({ requests }) => requests);
    viewer.track.onPictureLoss();
    expect(source.layers.map(({ requests }, index) => requests - before[index]!)).toEqual([0, 1, 0]);
  });
});

describe('after a change', () => {
  it('a NACK for what was sent before it is answered by the very same packet', async () => {
    await begin();
    viewer.track.limitLayer('l');
    await publish(5, { keyframes: [LOW] });
    await publish(5, { keyframes: [LOW] });
    const sent = [...viewer.sent];
    viewer.track.onNack(sent.map(({ sequenceNumber }) => sequenceNumber));
    expect(viewer.sent.slice(sent.length).map(({ bytes }) => bytes)).toEqual(sent.map(({ bytes }) => bytes));
  });

  it('time goes on by the clock that the layers share, and sender reports go with it', async () => {
    const clocks = source.layers.map((layer, index) => ({ ssrc: layer.ssrc, rtpTimestamp: source.timestampOf(0, index), ntpTimestamp: ntpFromUnixMs(1_000_000), at: viewer.clock.monotonic() }));
    for (const [index, layer] of source.layers.entries()) layer.clockMapping = clocks[index];
    await begin();
    const ntpOffsets = () => {
      const [report] = parseRtcp(viewer.track.senderReport(viewer.clock.monotonic())!);
      const { ntpTimestamp, rtpTimestamp } = report as { ntpTimestamp: bigint; rtpTimestamp: number };
      return (rtpTimestamp - Math.round((Number(ntpTimestamp - clocks[0]!.ntpTimestamp) / 2 ** 32) * 90_000)) | 0;
    };
    const before = ntpOffsets();
    viewer.track.limitLayer('l');
    await publish(1);
    // The keyframe comes late, as it does behind others in a publisher's queue.
    await viewer.pass(100);
    await publish(5, { keyframes: [LOW] });
    expect(sentLayers()).toEqual([HIGH, LOW]);
    expect(new Set(viewer.steps((from, to) => (to.timestamp - from.timestamp) | 0))).toEqual(new Set([FRAME_TICKS]));
    expect(ntpOffsets()).toBe(before);
  });
});
