import { randomBytes } from 'node:crypto';
import { FakeClock } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import type { PeerAddress } from '../udp/peer-address.ts';
import { ConnectivityChecker } from './connectivity-checker.ts';
import { STUN_ATTRIBUTES } from './stun-constants.ts';
import { encodeBindingError, encodeBindingSuccess } from './stun-encoder.ts';
import { type StunMessage, parseStunMessage } from './stun-message.ts';

const LOCAL = { usernameFragment: 'here', password: 'password-of-this-side' };
const REMOTE = { usernameFragment: 'there', password: 'password-of-that-side' };
const FIRST: PeerAddress = { address: '192.0.2.1', port: 5000 };
const SECOND: PeerAddress = { address: '192.0.2.2', port: 5000 };

function createChecker(candidates: readonly PeerAddress[] = [FIRST, SECOND]) {
  const clock = new FakeClock();
  const sent: { readonly request: StunMessage; readonly to: PeerAddress }[] = [];
  const expected = new Set<string>();
  const nominated: PeerAddress[] = [];
  const checker = new ConnectivityChecker({
    clock,
    send(data, to) {
      const request = parseStunMessage(data);
      if (request) sent.push({ request, to });
    },
    onBegun: (transactionId) => void expected.add(transactionId.toString('hex')),
    onEnded: (transactionId) => void expected.delete(transactionId.toString('hex')),
    onNominated: (address) => void nominated.push(address),
  });
  for (const candidate of candidates) checker.addCandidate(candidate);
  checker.start({ local: LOCAL, remote: REMOTE });
  /** As the engine does, every 10 ms. */
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at <= ms; at += 10) {
      checker.tick(clock.monotonic());
      await clock.advance(10);
    }
  };
  const answer = (to: PeerAddress, { from = to, password = REMOTE.password } = {}): boolean => {
    const last = sent.findLast((check) => check.to === to);
    const message = last && parseStunMessage(encodeBindingSuccess(last.request.transactionId, LOCAL_ADDRESS, password));
    return message !== undefined && checker.handleAnswer(message, from);
  };
  return { checker, sent, expected, nominated, pass, answer };
}

const LOCAL_ADDRESS = { address: '192.0.2.9', port: 8000 };
const nominates = ({ request }: { readonly request: StunMessage }): boolean => request.has(STUN_ATTRIBUTES.useCandidate);

it('asks every address as the controlling side, the preferred one first, until one answers', async () => {
  const { sent, pass } = createChecker();
  await pass(2_000);
  expect(sent.slice(0, 2).map(({ to }) => to)).toEqual([FIRST, SECOND]);
  expect(sent.filter(({ to }) => to === SECOND).length).toBeGreaterThan(3);
  for (const { request } of sent) {
    expect(request.username).toBe('there:here');
    expect(request.has(STUN_ATTRIBUTES.iceControlling)).toBe(true);
    expect(request.verifyIntegrity(REMOTE.password)).toBe(true);
  }
  expect(sent.some(nominates)).toBe(false);
});

it('nominates the first that answers, and reports it when that is answered too', async () => {
  const { sent, nominated, pass, answer, expected } = createChecker();
  await pass(100);
  expect(answer(SECOND)).toBe(true);
  expect(nominated).toEqual([]);
  expect(sent.at(-1)).toMatchObject({ to: SECOND });
  expect(sent.filter(nominates).map(({ to }) => to)).toEqual([SECOND]);
  expect(answer(SECOND)).toBe(true);
  expect(nominated).toEqual([SECOND]);
  expect(expected.size).toBe(0);
});

it('takes no answer with another password, from elsewhere, twice, or that says no', async () => {
  const { checker, sent, nominated, pass, answer } = createChecker([FIRST]);
  await pass(100);
  expect(answer(FIRST, { password: 'guessed' })).toBe(false);
  expect(answer(FIRST, { from: SECOND })).toBe(false);
  const refusal = parseStunMessage(encodeBindingError(sent[0]?.request.transactionId ?? randomBytes(12), 487, REMOTE.password));
  expect(refusal && checker.handleAnswer(refusal, FIRST)).toBe(false);
  const stranger = parseStunMessage(encodeBindingSuccess(randomBytes(12), LOCAL_ADDRESS, REMOTE.password));
  expect(stranger && checker.handleAnswer(stranger, FIRST)).toBe(false);
  const early = sent[0]?.request.transactionId ?? randomBytes(12);
  expect(answer(FIRST)).toBe(true);
  const again = parseStunMessage(encodeBindingSuccess(early, LOCAL_ADDRESS, REMOTE.password));
  expect(again && checker.handleAnswer(again, FIRST)).toBe(false);
  expect(nominated).toEqual([]);
});

it('asks the nominated address again at least every 2.5 seconds, with a new transaction each time', async () => {
  const { sent, pass, answer } = createChecker([FIRST]);
  await pass(10);
  answer(FIRST);
  answer(FIRST);
  const before = sent.length;
  const ids = new Set<string>();
  for (let round = 0; round < 4; round++) {
    await pass(2_500);
    ids.add(sent.at(-1)?.request.transactionId.toString('hex') ?? '');
    expect(answer(FIRST)).toBe(true);
  }
  expect(sent.length).toBeGreaterThanOrEqual(before + 4);
  expect(ids.size).toBe(4);
});

it('asks no more than 32 addresses, each once, and none after its end', async () => {
  const many = Array.from({ length: 50 }, (_, index) => ({ address: '192.0.2.7', port: 1000 + index }));
  const { checker, sent, expected, pass } = createChecker([...many, ...many]);
  await pass(3_000);
  expect(new Set(sent.map(({ to }) => to.port)).size).toBe(32);
  expect(checker.sent).toBe(32);
  checker.close();
  const before = sent.length;
  await pass(1_000);
  expect(sent).toHaveLength(before);
  expect(expected.size).toBe(0);
});
