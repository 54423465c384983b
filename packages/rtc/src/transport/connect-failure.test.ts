import { expect, it } from 'vitest';
import { createIceCounters } from '../ice/ice-counters.ts';
import { type ConnectEvidence, whyNotConnected } from './connect-failure.ts';

const { rejected: NONE } = createIceCounters();
const CANDIDATE = { port: 8000, protocol: 'udp', family: 'ipv4', priority: 1, foundation: '1' } as const;

function evidence(changes: { addressesAsked?: number; checks?: number; rejected?: Partial<typeof NONE>; dtlsDatagrams?: number }): ConnectEvidence {
  return {
    ice: { checks: changes.checks ?? 0, moves: 0, addressesAsked: changes.addressesAsked ?? 0, ownChecksSuppressed: 0, rejected: { ...NONE, ...changes.rejected } },
    dtlsDatagrams: changes.dtlsDatagrams ?? 0,
    remoteCandidates: [],
    candidates: [{ ...CANDIDATE, address: '192.0.2.7' }, { ...CANDIDATE, address: '2001:db8::7', family: 'ipv6' }],
  };
}

it('names the addresses that a peer never reached', () => {
  expect(whyNotConnected(evidence({}))).toContain('192.0.2.7:8000, [2001:db8::7]:8000');
});

it.each([
  [{ addressesAsked: 2 }, 'none of the 2 addresses in its answer'],
  [{ rejected: { integrity: 3 } }, 'integrity 3'],
  [{ checks: 4 }, 'never began DTLS'],
  [{ checks: 4, dtlsDatagrams: 2 }, 'handshake did not finish'],
])('tells %j apart', (changes, words) => {
  expect(whyNotConnected(evidence(changes))).toContain(words);
});

it.each([
  [['127.0.0.1'], 'which only this machine can'],
  [['172.17.0.2', '127.0.0.1'], 'which are private: set rtc.externalAddresses'],
  [['172.17.0.2', '203.0.113.1'], 'firewall? NAT'],
])('says of %j what is wrong with them', (addresses, words) => {
  const candidates = addresses.map((address) => ({ ...CANDIDATE, address }));
  expect(whyNotConnected({ ...evidence({}), candidates })).toContain(words);
});

it('says that peer and server are behind different NATs', () => {
  const remoteCandidates = [{ protocol: 'udp', address: '198.51.100.1', port: 9, type: 'srflx' }];
  const candidates = [{ ...CANDIDATE, address: '192.168.0.2' }];
  expect(whyNotConnected({ ...evidence({}), candidates, remoteCandidates })).toContain('behind another NAT');
});
