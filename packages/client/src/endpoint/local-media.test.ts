import { afterEach, expect, test, vi } from 'vitest';
import { LocalMedia } from './local-media.ts';

afterEach(() => vi.unstubAllGlobals());

class FakeTrack extends EventTarget {
  readyState = 'live';
  readonly kind: string;

  constructor(kind: string) {
    super();
    this.kind = kind;
  }

  stop(): void {
    this.readyState = 'ended';
  }
}

/** What an endpoint sends that has captured a camera. */
async function captured() {
  const camera = new FakeTrack('video');
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.resolve({ getTracks: () => [camera] }) } });
  const local = new LocalMedia({}, { capturing: () => undefined, changed: () => undefined, ended: () => undefined });
  await local.prepare('publish');
  return { camera, local };
}

function asTrack(track: FakeTrack): MediaStreamTrack {
  // Only what is used of it is there.
  return track as unknown as MediaStreamTrack;
}

test('what was captured is stopped at its end, and what the caller put in its place is not', async () => {
  const { camera, local } = await captured();
  const own = new FakeTrack('video');
  expect(local.replace(asTrack(own))).toBe(camera);
  expect(camera.readyState).toBe('ended');
  local.stop();
  expect(own.readyState).toBe('live');
});

test('an endpoint that has ended sends nothing any more', async () => {
  const { camera, local } = await captured();
  local.stop();
  expect([camera.readyState, local.replace(asTrack(new FakeTrack('video')))]).toEqual(['ended', undefined]);
});
