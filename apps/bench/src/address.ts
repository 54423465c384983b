import { networkInterfaces } from 'node:os';

const LOOPBACK = '127.0.0.1';

/**
 * An IPv4 address of this machine that is not the loopback's, because Janus offers no loopback address.
 * The kernel carries packets from a machine to itself over the loopback interface all the same.
 */
export function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? LOOPBACK;
}
