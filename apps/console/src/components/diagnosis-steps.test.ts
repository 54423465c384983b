import { expect, it } from 'vitest';
import type { Checks, Diagnosis } from '../api/server-sessions.ts';
import { stepsOf } from './diagnosis-steps.ts';

const CHECKS: Checks = { address: '192.0.2.1', port: 5000, protocol: 'udp', accepted: 3, refused: {}, nominated: true, firstAt: 100, lastAt: 200 };
const NOTHING: Diagnosis = {
  state: 'connecting',
  startedAt: 0,
  localCandidates: [],
  remoteCandidates: [],
  checks: [],
  dtls: { state: 'waiting' },
  unlisted: { remoteCandidates: 0, checks: 0 },
};
const PAIR = { protocol: 'udp', remote: CHECKS, nominated: true, since: 100, moves: 0 };

function said(diagnosis: Partial<Diagnosis>): string[] {
  return stepsOf({ ...NOTHING, ...diagnosis }).map(({ name, state, text }) => `${name} ${state}: ${text}`);
}

it('waits for the first thing that has not come', () => {
  expect(said({})).toEqual(['Answered done: has our answer', 'Reached us now: no check came', 'Path open: none', 'Encrypted open: not begun', 'Connected open: not yet']);
});

it('shows where a session failed that has ended', () => {
  expect(said({ state: 'closed', checks: [{ ...CHECKS, accepted: 0, refused: { integrity: 2, username: 1 } }] })[1]).toBe('Reached us failed: 3 checks refused');
  expect(said({ state: 'closed', checks: [CHECKS], pair: PAIR, dtls: { state: 'handshake', firstAt: 150 } })[3]).toBe('Encrypted failed: handshake began');
});

it('is done when the peer is connected, and stays so when it has gone', () => {
  const connected = { checks: [CHECKS], pair: PAIR, connectedAt: 180, dtls: { state: 'connected', firstAt: 150, connectedAt: 180 } } as const;
  const steps = ['Answered done: has our answer', 'Reached us done: 3 checks', 'Path done: UDP, nominated', 'Encrypted done: in 30 ms', 'Connected done: after 180 ms'];
  expect(said({ ...connected, state: 'connected' })).toEqual(steps);
  expect(said({ ...connected, state: 'closed', closedAt: 900 })).toEqual(steps);
});
