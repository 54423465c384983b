import type { RtpPacketCopy } from '@sluice/core';
import { FAKE_CODECS, FakeTrack } from '@sluice/core/testing';
import { expect, test, vi } from 'vitest';
import { TrackCounter } from './track-counter.ts';

const PACKET: RtpPacketCopy = {
  payload: new Uint8Array(100),
  codec: FAKE_CODECS.video,
  sequenceNumber: 1,
  timestamp: 0,
  marker: true,
  keyframe: false,
};

test('packets and payload bytes are counted until it stops', () => {
  const track = new FakeTrack('v', 'video');
  const counter = new TrackCounter(track);
  track.write(PACKET);
  track.write({ ...PACKET, payload: new Uint8Array(20) });
  counter.stop();
  track.write(PACKET);
  expect(counter.report()).toEqual({ kind: 'video', codec: 'VP8', packets: 2, bytes: 120, keyframes: 0 });
});

test('a keyframe that begins in several packets is one', () => {
  const track = new FakeTrack('v', 'video');
  const onRtp = vi.spyOn(track, 'onRtp');
  const counter = new TrackCounter(track);
  const receive = onRtp.mock.calls[0]![0];
  for (const timestamp of [0, 0, 3000, 3000]) receive({ ...PACKET, timestamp, keyframe: true });
  receive({ ...PACKET, timestamp: 6000 });
  expect(counter.report()).toMatchObject({ packets: 5, keyframes: 2 });
});
