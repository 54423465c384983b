import { expect, test } from 'vitest';
import type { ServerStats } from '../api/server-stats.ts';
import { createFigures } from './figures.ts';

function statsAt(seconds: number, bytes: number): ServerStats {
  return {
    uptimeMs: seconds * 1000,
    process: { cpuSeconds: 1, eventLoopActiveSeconds: seconds / 4, rssBytes: 1 },
    sessions: { open: 3 },
    streams: { live: 2 },
    engine: {
      dropped: { 'no-session': 2 },
      media: { received: { dropped: { malformed: 1 } }, sent: { dropped: { malformed: 4 } }, transport: { bytesReceived: bytes, bytesSent: bytes * 2, dropped: { full: 0 } } },
    },
  };
}

test('makes rates of two looks, and sums of what was dropped', () => {
  const figures = createFigures();
  expect(figures.of(statsAt(1, 1000))).toMatchObject({ bitrateIn: undefined, eventLoop: undefined });
  expect(figures.of(statsAt(3, 2000))).toEqual({
    sessions: 3,
    streams: 2,
    bitrateIn: 4000,
    bitrateOut: 8000,
    eventLoop: 0.25,
    dropped: { 'no-session': 2, malformed: 5 },
  });
});

test('a server that was started again has no rate from before', () => {
  const figures = createFigures();
  figures.of(statsAt(9, 9000));
  expect(figures.of(statsAt(1, 10)).bitrateIn).toBeUndefined();
  expect(figures.of({ ...statsAt(2, 10), engine: undefined })).toMatchObject({ bitrateIn: undefined, dropped: {} });
});
