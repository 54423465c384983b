import { definePlugin } from '@sluice/core';
import { noneReaderAnswerOf, notFoundAnswerOf, verdictOf } from './answer.ts';
import { noneReaderBody, playBody, publishBody } from './bodies.ts';
import { createHookClient } from './hook-client.ts';
import { type WebhooksOptions, resolveOptions } from './options.ts';

export type { WebhooksOptions } from './options.ts';

/**
 * Asks external URLs at the hook points. A question that gets no valid answer fails
 * with HOOK_FAILED or HOOK_TIMEOUT, so nobody passes while the receiver is down.
 * @throws MediaError CONFIG_INVALID
 */
const webhooks = definePlugin((given: WebhooksOptions) => {
  const options = resolveOptions(given);
  return {
    name: '@sluice/plugin-webhooks',
    setup(ctx) {
      const client = createHookClient(options, ctx.clock, ctx.logger);
      ctx.onClose(() => client.close());

      let asked = 0;
      const nextHead = () => ({ mediaServerId: options.mediaServerId, hook_index: asked++ });
      const { onPublish, onPlay, onStreamNotFound, onStreamNoneReader } = options;

      if (onPublish) {
        ctx.hook('publish', async (request, signal) => {
          const body = publishBody(nextHead(), request);
          return verdictOf(await client.ask({ hook: 'on_publish', url: onPublish, body, signal }));
        });
      }
      if (onPlay) {
        ctx.hook('play', async (request, signal) => {
          const body = playBody(nextHead(), request);
          return verdictOf(await client.ask({ hook: 'on_play', url: onPlay, body, signal }));
        });
      }
      if (onStreamNotFound) {
        ctx.hook('stream-not-found', async (request, signal) => {
          const body = playBody(nextHead(), request);
          return notFoundAnswerOf(await client.ask({ hook: 'on_stream_not_found', url: onStreamNotFound, body, signal }));
        });
      }
      if (onStreamNoneReader) {
        ctx.hook('none-reader', async (input, signal) => {
          const body = noneReaderBody(nextHead(), input);
          return noneReaderAnswerOf(await client.ask({ hook: 'on_stream_none_reader', url: onStreamNoneReader, body, signal }));
        });
      }
    },
  };
});

export default webhooks;
