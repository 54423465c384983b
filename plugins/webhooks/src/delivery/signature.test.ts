import { randomBytes } from 'node:crypto';
import { systemClock } from '@sluice/core';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import webhooks from '../index.ts';
import { request, setUp } from '../testing/harness.ts';
import { type Received, json, startReceiver, status } from '../testing/receiver.ts';

const secretOf = (): string => `whsec_${randomBytes(32).toString('base64')}`;
const [older, newer, stranger] = [secretOf(), secretOf(), secretOf()];

function verifies(secret: string, { raw, headers }: Received): boolean {
  try {
    new Webhook(secret).verify(raw, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

test('standardwebhooks verifies it with each secret of a rotation, and with no other', async () => {
  await using receiver = await startReceiver(json({ code: 0 }));
  await using plugin = await setUp({ onPublish: receiver.url, secret: [older, newer] }, systemClock);
  await plugin.ask('publish', request);
  const [question] = receiver.received;
  if (!question) throw new Error('nothing was asked');
  expect([older, newer, stranger].map((secret) => verifies(secret, question))).toEqual([true, true, false]);
  expect(verifies(older, { ...question, raw: question.raw.replace('cam', 'cat') })).toBe(false);
});

test('a secret of one URL is instead of that of all; without any there is an id and a time', async () => {
  await using receiver = await startReceiver(json({ code: 0 }));
  const { url } = receiver;
  await using plugin = await setUp({ onPublish: url, onPlay: { url, secret: newer }, onStreamNotFound: { url, secret: [] }, secret: older }, systemClock);
  await plugin.ask('publish', request);
  await plugin.ask('play', request);
  await plugin.ask('stream-not-found', request);
  expect(receiver.received.map((one) => [verifies(older, one), verifies(newer, one)])).toEqual([
    [true, false],
    [false, true],
    [false, false],
  ]);
  expect(receiver.received[2]?.headers).toMatchObject({ 'webhook-id': expect.stringMatching(/^msg_/), 'webhook-timestamp': expect.stringMatching(/^\d+$/) });
});

test('a further attempt has the same id', async () => {
  await using receiver = await startReceiver(status(503), json({ code: 0 }));
  await using plugin = await setUp({ onPublish: receiver.url, secret: older, retryDelayMs: 0 }, systemClock);
  await plugin.ask('publish', request);
  await plugin.ask('publish', request);
  const [first, again, next] = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(again).toBe(first);
  expect(next).not.toBe(first);
  expect(receiver.received.every((one) => verifies(older, one))).toBe(true);
});

test('passes the trace of the request on', async () => {
  await using receiver = await startReceiver(json({ code: 0 }));
  await using plugin = await setUp({ onPublish: receiver.url }, systemClock);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await plugin.ask('publish', { ...request, trace: { traceparent, tracestate: 'a=b' } });
  await plugin.ask('publish', request);
  expect(receiver.received[0]?.headers).toMatchObject({ traceparent, tracestate: 'a=b' });
  expect(receiver.received[1]?.headers).not.toHaveProperty('traceparent');
});

test('user and password of a URL are sent, and shown to nobody', async () => {
  await using receiver = await startReceiver(json({ code: 0 }));
  await using plugin = await setUp({ onPublish: receiver.url.replace('//', '//hook:h%C3%BCsh%3A@') }, systemClock);
  await plugin.ask('publish', request);
  expect(receiver.received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('hook:hüsh:').toString('base64')}`);
  expect(plugin.targets.list()).toMatchObject([{ url: receiver.url }]);
  await using odd = await setUp({ onPublish: receiver.url.replace('//', '//a%zz@') }, systemClock);
  await odd.ask('publish', request);
  expect(receiver.received[1]?.headers.authorization).toBe(`Basic ${Buffer.from('a%zz:').toString('base64')}`);
});

test.each(['secret', 'whsec_', `whsec_${randomBytes(23).toString('base64')}`, `whsec_${randomBytes(65).toString('base64')}`, 'whsec_no base64 at all, but long enough'])(
  '%s is no secret',
  (secret) => {
    expect(() => webhooks({ secret })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  },
);
