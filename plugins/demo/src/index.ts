import { DEFAULT_VHOST, definePlugin } from '@sluice/core';
import { loadDemoClip } from './clip.ts';
import { OPUS_CLOCK_RATE } from './opus.ts';
import { playInLoop } from './player.ts';
import { VP8_CLOCK_RATE } from './vp8.ts';

/** Options of the demo plugin. */
export interface DemoOptions {
  /** Application of the stream. Default `live`. */
  readonly app?: string | undefined;
  /** Name of the stream. Default `demo`. */
  readonly stream?: string | undefined;
}

/** Publishes a looping clip of ten seconds, VP8 1280×720 and opus, as a stream to look at. */
const demo = definePlugin((options: DemoOptions | undefined) => {
  const { app = 'live', stream = 'demo' } = options ?? {};
  return {
    name: '@sluice/plugin-demo',
    async setup(ctx) {
      const clip = await loadDemoClip();
      const key = { vhost: DEFAULT_VHOST, app, stream };
      const { keyframeCacheBytes } = ctx.pathSettings(key);
      const video = ctx.engine.createTrack({ kind: 'video', codec: { name: 'VP8', clockRate: VP8_CLOCK_RATE, parameters: {} }, keyframeCacheBytes });
      const audio = ctx.engine.createTrack({
        kind: 'audio',
        codec: { name: 'opus', clockRate: OPUS_CLOCK_RATE, channels: 2, parameters: { minptime: '10', useinbandfec: '1' } },
      });

      const publication = ctx.streams.publish(key, { tracks: [video, audio], close: end });
      const stopPlaying = playInLoop({ clip, clock: ctx.clock, video, audio });
      function end(reason: string): void {
        stopPlaying();
        video.end();
        audio.end();
        publication.end(reason);
      }
      ctx.onClose(() => end('the demo plugin was removed'));
      publication.live();
      ctx.logger.info(`The demo stream is live as ${app}/${stream}.`);
    },
  };
});

export default demo;
