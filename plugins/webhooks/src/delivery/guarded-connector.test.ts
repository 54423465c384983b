import { systemClock } from '@sluice/core';
import { expect, test } from 'vitest';
import { request, setUp } from '../testing/harness.ts';
import { json, startReceiver } from '../testing/receiver.ts';

test.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0.0.0.0'])('denyPrivateAddresses connects to %s never, onError or not', async (host) => {
  await using receiver = await startReceiver(json({ code: 0 }));
  const url = receiver.url.replace('127.0.0.1', host);
  await using plugin = await setUp({ onPublish: url, denyPrivateAddresses: true }, systemClock);
  await expect(plugin.ask('publish', request)).rejects.toMatchObject({ code: 'HOOK_FAILED', message: expect.stringContaining('must not be asked') });
  expect(receiver.received).toHaveLength(0);

  await using open = await setUp({ onPublish: url.replace('[::ffff:127.0.0.1]', '127.0.0.1') }, systemClock);
  expect(await open.ask('publish', request)).toMatchObject({ allow: true });
});
