import { resolve } from 'node:path';
import { type Clip, createClipTracks, openClip, playInLoop } from '@sluice/clip';
import { type RtcEngine, type RtcTransport, sendCapabilities, systemClock } from '@sluice/core';
import { readSent } from '../peer/media-report.ts';
import { openPeer } from '../peer/peer.ts';
import { untilInterrupted } from '../peer/until-interrupted.ts';
import { formatOf, watchFlags, watchPeer } from '../peer/watch-peer.ts';
import { defineCommand } from './command.ts';

/** A publisher without a camera. */
export const publish = defineCommand({
  name: 'publish',
  summary: 'Publish a clip to a WHIP URL, in a loop',
  positionals: ['FILE', 'URL'],
  flags: watchFlags,
  notes: 'FILE is WebM, IVF or Ogg with VP8, VP9 or AV1 and opus; an IVF file has its sound in the .ogg beside it.\nExits with 1 when the server ends the session.',
  async run({ positionals: [file = '', url = ''], flags, cwd, print, complain }) {
    using interrupted = untilInterrupted(flags.seconds);
    const { signal } = interrupted;
    await using source = await openSource(resolve(cwd, file), file);
    const { clip } = source;
    const { audio, video } = sendCapabilities();
    const prepare = (engine: RtcEngine, transport: RtcTransport): void => source.sendOn(engine, transport);
    await using peer = await openPeer({ url, token: flags.token, capabilities: { audio, video }, signal, prepare });
    complain(`Publishing ${file} to ${url}: ${clip.tracks.map(({ codec }) => codec.name).join(' and ')}, connected in ${peer.connectedInMs.toFixed(0)} ms\n`);
    const { transport } = peer;
    const reason = await Promise.race([watchPeer({ peer, read: () => readSent(transport), format: formatOf(flags), print, signal }), source.failed]);
    if (reason === undefined) return 0;
    complain(`The server ended the session: ${reason}\n`);
    return 1;
  },
});

interface ClipSource extends AsyncDisposable {
  readonly clip: Clip;
  /** Rejects when the clip turns out to be damaged. */
  readonly failed: Promise<never>;
  /** Plays from its beginning once media can flow. */
  sendOn(engine: RtcEngine, transport: RtcTransport): void;
}

/** @throws MediaError SOURCE_FAILED */
async function openSource(path: string, name: string): Promise<ClipSource> {
  const clip = await openClip(path, name);
  const { promise: failed, reject: onFailed } = Promise.withResolvers<never>();
  // It may fail while nobody waits for it.
  failed.catch(() => undefined);
  const stopping = new AbortController();
  return {
    clip,
    failed,
    sendOn(engine, transport) {
      const tracks = createClipTracks(clip, engine);
      for (const track of tracks.values()) transport.send(track);
      const forget = transport.onState((state) => {
        if (state !== 'connected') return;
        forget();
        const stop = playInLoop({ clip, clock: systemClock, tracks, onFailed });
        stopping.signal.addEventListener('abort', stop);
      });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await clip.close();
    },
  };
}
