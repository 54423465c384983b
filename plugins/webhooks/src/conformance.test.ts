import { describePlugin } from '@sluice/testing/vitest';
import { afterAll, beforeAll } from 'vitest';
import webhooks from './index.ts';
import { type Receiver, silence, startReceiver } from './testing/receiver.ts';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver(silence);
});

afterAll(() => receiver[Symbol.asyncDispose]());

describePlugin('webhooks', () => {
  const { url } = receiver;
  return webhooks({ onPublish: url, onPlay: url, onStreamNotFound: url, onStreamNoneReader: url });
});
