import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpClient, isPublicAddress } from './public-addresses.ts';

test.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '172.16.0.1', '192.168.0.1', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', 'localhost', ''])(
  '%s is no address of a server on the internet',
  (address) => expect(isPublicAddress(address)).toBe(false),
);

test.each(['1.1.1.1', '172.32.0.1', '2606:4700::1111'])('%s is one', (address) => expect(isPublicAddress(address)).toBe(true));

test('an address inside is not asked when that is forbidden, neither by number nor by name', async () => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end('hello');
  });
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [open, guarded] = [createHttpClient({ privateAddresses: true }), createHttpClient({ privateAddresses: false })];
  onTestFinished(async () => {
    await Promise.all([open.close(), guarded.close()]);
    server.close();
  });
  const hosts = ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]'];
  for (const host of hosts) {
    const failure: unknown = await guarded.fetch(`http://${host}:${port}/`).then(() => 'answered', (error: unknown) => error);
    expect(failure, host).toBeInstanceOf(Error);
  }
  expect(requests).toBe(0);
  expect(await (await open.fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
});
