import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';
import { addressRanges } from '@sluice/core';
import { Agent, fetch as undiciFetch } from 'undici';

/** Addresses that are no server's on the internet (IANA special-purpose registries, RFC 6890). */
const isSpecial = addressRanges('The list of special addresses', [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3',
  '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/9', 'ff00::/8',
]);

/** What sends requests, and how it is ended. */
export interface HttpClient {
  readonly fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

/**
 * Sends requests with connections of its own. With `privateAddresses: false` each connection is refused whose address is
 * a special one, after the name was looked up and before a byte is sent, so that no name and no redirect leads inside.
 */
export function createHttpClient({ privateAddresses }: { readonly privateAddresses: boolean }): HttpClient {
  const agent = new Agent(privateAddresses ? {} : { connect: { lookup: publicLookup } });
  const send: typeof undiciFetch = async (input, init) => {
    const { hostname } = new URL(input instanceof Object && 'url' in input ? input.url : input);
    // A literal address is not looked up.
    if (!privateAddresses) refuseSpecial(hostname.replaceAll(/[[\]]/g, ''));
    return undiciFetch(input, { ...init, dispatcher: agent });
  };
  return { fetch: send, close: () => agent.destroy() };
}

/** Whether an IP address is that of a server on the internet. */
export function isPublicAddress(address: string): boolean {
  return isIP(address) !== 0 && !isSpecial(address);
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  const all: LookupOptions & { all: true } = { ...options, all: true };
  lookup(hostname, all, (error, addresses: LookupAddress[]) => {
    const special = error ? undefined : addresses.find(({ address }) => !isPublicAddress(address));
    if (error || special) return callback(error ?? refused(), '', 0);
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    callback(first ? null : refused(), first?.address ?? '', first?.family ?? 0);
  });
};

function refuseSpecial(host: string): void {
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refused();
}

/** Without the address: who named the host need not learn what is behind the name. */
function refused(): Error {
  return new Error('its address is a private or special one, which the pull plugin is set not to ask (privateAddresses)');
}
