import { expect, it } from 'vitest';
import { type ConnectEvidence, whyNotConnected } from './connect-failure.ts';

const NONE = { notARequest: 0, fingerprint: 0, username: 0, integrity: 0, unknownAttribute: 0, roleConflict: 0, addressTaken: 0, amplification: 0 };
const CANDIDATE = { port: 8000, protocol: 'udp', family: 'ipv4', priority: 1, foundation: '1' } as const;

function evidence(changes: { checks?: number; rejected?: Partial<typeof NONE>; dtlsDatagrams?: number }): ConnectEvidence {
  return {
    ice: { checks: changes.checks ?? 0, migrations: 0, rejected: { ...NONE, ...changes.rejected } },
    dtlsDatagrams: changes.dtlsDatagrams ?? 0,
    candidates: [{ ...CANDIDATE, address: '192.0.2.7' }, { ...CANDIDATE, address: '2001:db8::7', family: 'ipv6' }],
  };
}

it('names the addresses that a peer never reached', () => {
  expect(whyNotConnected(evidence({}))).toContain('192.0.2.7:8000, [2001:db8::7]:8000');
});

it.each([
  [{ rejected: { integrity: 3 } }, 'integrity 3'],
  [{ checks: 4 }, 'never began DTLS'],
  [{ checks: 4, dtlsDatagrams: 2 }, 'handshake did not finish'],
])('tells %j apart', (changes, words) => {
  expect(whyNotConnected(evidence(changes))).toContain(words);
});
