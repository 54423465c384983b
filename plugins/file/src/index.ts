import { changedOptions, definePlugin, metrics, streamSourceStarters } from '@sluice/core';
import { Files } from './files.ts';
import { createMetricSource } from './metric-source.ts';
import { type FileOptions, completeOptions } from './options.ts';

export type { FileOptions } from './options.ts';

/** Plays clips from disk in a loop, when a path or a hook names one as the source of a stream that viewers ask for. */
const file = definePlugin((options: FileOptions | undefined) => {
  const settings = completeOptions(options);
  let running: Files | undefined;
  return {
    name: '@sluice/plugin-file',
    setup(ctx) {
      const files = new Files(ctx, settings);
      running = files;
      ctx.contribute(metrics, createMetricSource(files));
      ctx.contribute(streamSourceStarters, {
        accepts: (source) => 'file' in source,
        start: (stream, source) => ('file' in source ? files.start(stream, source.file) : undefined),
      });
      ctx.onClose(() => files.close('the file plugin was removed'));
    },
    reconfigure(changed) {
      running?.reconfigure(completeOptions(changedOptions('file', changed)));
    },
  };
});

export default file;
