import { describePlugin } from '@sluice/testing/vitest';
import { afterAll, beforeAll } from 'vitest';
import webhooks from './index.ts';
import { type Receiver, json, silence, startReceiver } from './testing/receiver.ts';

let silent: Receiver;
let receiver: Receiver;

beforeAll(async () => {
  [silent, receiver] = await Promise.all([startReceiver(silence), startReceiver(json({ code: 0 }))]);
});

afterAll(() => Promise.all([silent[Symbol.asyncDispose](), receiver[Symbol.asyncDispose]()]));

describePlugin('webhooks', () => {
  const { url: asked } = silent;
  const { url: told } = receiver;
  return webhooks({
    onPublish: asked,
    onPlay: asked,
    onStreamNotFound: asked,
    onStreamNoneReader: asked,
    // The others are sent after their hook has returned, which the suite takes for something left behind.
    onServerKeepalive: told,
    onServerExited: told,
  });
});
