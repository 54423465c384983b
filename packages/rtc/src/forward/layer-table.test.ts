import { expect, it } from 'vitest';
import { FakeClock } from '@sluice/core/testing';
import { KeyframeRequestThrottle } from '../rtp/keyframe-request-throttle.ts';
import { RoundTrip } from '../rtp/round-trip.ts';
import { RtpPacket } from '../rtp/rtp-packet.ts';
import { InboundLayer } from './inbound-layer.ts';
import { LayerTable, type NewLayer } from './layer-table.ts';
import { type TestPacket, rtp, videoSection } from './testing/sections.ts';

function packet(fields: TestPacket): RtpPacket {
  const parsed = new RtpPacket();
  expect(parsed.parse(rtp(fields))).toBe(true);
  return parsed;
}

function createLayer({ ssrc, rid, now }: NewLayer): InboundLayer {
  const keyframeRequests = new KeyframeRequestThrottle({ clock: new FakeClock(), intervalMs: 500, send: () => undefined });
  const common = { kind: 'video', sourceId: 'x', extensions: [], keyframeCacheBytes: 0, clockRate: 90_000 } as const;
  return new InboundLayer({ ...common, ssrc, rid, now, nack: true, roundTrip: new RoundTrip(), keyframeRequests });
}

it('remembers only so many RTX SSRCs, and the layer of each that is new', () => {
  const section = videoSection();
  const table = new LayerTable(section, createLayer);
  const layer = table.ofMedia(packet({ sequenceNumber: 1 }), section.codecs[0]!, 0);
  const ssrcs = Array.from({ length: 10_000 }, (_, index) => 50_000 + index);
  for (const ssrc of ssrcs) expect(table.ofRtx(packet({ ssrc, payloadType: 97, sequenceNumber: 1 }))).toBe(layer);
  expect(ssrcs.filter((ssrc) => table.bySsrc(ssrc) !== undefined)).toEqual(ssrcs.slice(-16));
});

it('forgets the most silent layer, and its RTX with it, when there are too many', () => {
  const section = videoSection({ remoteSsrcs: [{ ssrc: 1, rtxSsrc: 2 }] });
  const table = new LayerTable(section, createLayer);
  table.ofMedia(packet({ ssrc: 1, sequenceNumber: 1 }), section.codecs[0]!, 0);
  table.ofRtx(packet({ ssrc: 2, payloadType: 97, sequenceNumber: 1 }));
  for (let index = 0; index < 8; index++) table.ofMedia(packet({ ssrc: 100 + index, sequenceNumber: 1 }), section.codecs[0]!, 1 + index);
  expect(table.all.map(({ ssrc }) => ssrc)).toEqual([100, 101, 102, 103, 104, 105, 106, 107]);
  expect([table.bySsrc(1), table.bySsrc(2)]).toEqual([undefined, undefined]);
});
