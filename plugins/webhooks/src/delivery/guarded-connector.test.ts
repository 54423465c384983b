import { systemClock } from '@sluice/core';
import { expect, test } from 'vitest';
import { request, setUp } from '../testing/harness.ts';
import { json, startReceiver } from '../testing/receiver.ts';
import { isInternalAddress } from './guarded-connector.ts';

test.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0.0.0.0'])('denyPrivateAddresses connects to %s never, onError or not', async (host) => {
  await using receiver = await startReceiver(json({ code: 0 }));
  const url = receiver.url.replace('127.0.0.1', host);
  await using plugin = await setUp({ onPublish: url, denyPrivateAddresses: true }, systemClock);
  await expect(plugin.ask('publish', request)).rejects.toMatchObject({ code: 'HOOK_FAILED', message: expect.stringContaining('must not be asked') });
  expect(receiver.received).toHaveLength(0);

  await using open = await setUp({ onPublish: url.replace('[::ffff:127.0.0.1]', '127.0.0.1') }, systemClock);
  expect(await open.ask('publish', request)).toMatchObject({ allow: true });
});

test.each(['10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.1.2.3', '::1', '::', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1'])('%s is internal', (address) => {
  expect(isInternalAddress(address)).toBe(true);
});

test.each(['192.0.2.1', '8.8.8.8', '172.32.0.1', '2001:db8::1', '::ffff:8.8.8.8'])('%s is not', (address) => {
  expect(isInternalAddress(address)).toBe(false);
});
