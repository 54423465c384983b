import { fileURLToPath } from 'node:url';
import { createClipTracks, openClip, playInLoop } from '@sluice/clip';
import { DEFAULT_VHOST, definePlugin } from '@sluice/core';

/** Options of the demo plugin. */
export interface DemoOptions {
  /** Application of the stream. Default `live`. */
  readonly app?: string | undefined;
  /** Name of the stream. Default `demo`. */
  readonly stream?: string | undefined;
}

const CLIP = new URL('../clip/demo.ivf', import.meta.url);

/** Publishes a looping clip of ten seconds, VP8 1280×720 and opus, as a stream to look at. */
const demo = definePlugin((options: DemoOptions | undefined) => {
  const { app = 'live', stream = 'demo' } = options ?? {};
  return {
    name: '@sluice/plugin-demo',
    async setup(ctx) {
      const clip = await openClip(fileURLToPath(CLIP), 'demo.ivf');
      const key = { vhost: DEFAULT_VHOST, app, stream };
      const tracks = createClipTracks(clip, ctx.engine, ctx.pathSettings(key));
      const publication = ctx.streams.publish(key, { tracks: [...tracks.values()], origin: { type: 'demo', state: 'live' }, close: end });
      const stopPlaying = playInLoop({ clip, clock: ctx.clock, tracks, onFailed: () => end('the demo clip is damaged') });
      function end(reason: string): void {
        stopPlaying();
        for (const track of tracks.values()) track.end();
        void clip.close();
        publication.end(reason);
      }
      ctx.onClose(() => end('the demo plugin was removed'));
      publication.live();
      ctx.logger.info(`The demo stream is live as ${app}/${stream}.`);
    },
  };
});

export default demo;
