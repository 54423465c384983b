import type { Codec, LocalTrack, MediaKind, TrackStats } from '@sluice/core';

/** What a track was given. */
export type Written = Parameters<LocalTrack['write']>[0];

/** A local track that keeps what is written to it. */
export interface FakeTrack extends LocalTrack {
  readonly written: readonly Written[];
}

/** Makes a track that sends nothing and remembers everything. */
export function fakeTrack(options: { readonly kind: MediaKind; readonly codec: Codec }): FakeTrack {
  const written: Written[] = [];
  let ended = false;
  return {
    id: options.kind,
    kind: options.kind,
    codec: options.codec,
    codecs: [options.codec],
    get ended() {
      return ended;
    },
    written,
    write: (packet) => void written.push(packet),
    end: () => {
      ended = true;
    },
    onRtp: () => () => undefined,
    onEnded: () => () => undefined,
    onKeyframeRequest: () => () => undefined,
    requestKeyframe: () => undefined,
    stats: () => NO_STATS,
  };
}

const NO_STATS: TrackStats = {
  packets: 0,
  bytes: 0,
  lost: 0,
  jitterMs: 0,
  frames: 0,
  keyframes: 0,
  nacks: 0,
  keyframeRequests: 0,
  retransmissions: 0,
  bitrate: 0,
};
