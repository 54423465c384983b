import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type IceCredentials, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerAddress } from '../udp/peer-address.ts';
import { IceLiteAgent } from './ice-lite-agent.ts';
import { STUN_ATTRIBUTES, STUN_TYPES } from './stun-constants.ts';
import { type StunAttribute, encodeBindingSuccess, encodeStunMessage } from './stun-encoder.ts';
import { type StunMessage, parseStunMessage } from './stun-message.ts';

const HOME: PeerAddress = { address: '192.0.2.1', port: 5000 };
const MOBILE: PeerAddress = { address: '2001:db8::1', port: 6000 };
const PEER = credentialsOf('peer');
const USE_CANDIDATE: StunAttribute = [STUN_ATTRIBUTES.useCandidate, Buffer.alloc(0)];

function credentialsOf(usernameFragment: string): IceCredentials {
  return { usernameFragment, password: `password-of-${usernameFragment}` };
}

interface RequestOptions {
  readonly type?: number;
  /** Of the request's ICE generation; the current ones when absent. */
  readonly local?: IceCredentials;
  readonly username?: string;
  readonly password?: string;
  readonly attributes?: readonly StunAttribute[];
}

function createAgent(options: { readonly isFree?: (from: PeerAddress) => boolean; readonly maxChecksPerSecond?: number } = {}) {
  const clock = new FakeClock();
  const sent: { readonly data: Buffer; readonly answer: StunMessage | undefined; readonly to: PeerAddress }[] = [];
  const verified: PeerAddress[] = [];
  const refused: StunMessage[] = [];
  const alive: number[] = [];
  const expected = new Set<string>();
  const retired: string[] = [];
  const agent = new IceLiteAgent({
    clock,
    logger: silentLogger,
    send: (data, to) => void sent.push({ data, answer: parseStunMessage(data), to }),
    onAddressVerified(from) {
      verified.push(from);
      return options.isFree?.(from) ?? true;
    },
    refusals: { refuse: (request) => void refused.push(request) },
    maxChecksPerSecond: options.maxChecksPerSecond ?? 1000,
    maxDiagnosisEntries: 8,
    onAlive: () => void alive.push(clock.monotonic()),
    onOwnCheckBegun: (transactionId) => void expected.add(transactionId.toString('hex')),
    onOwnCheckEnded: (transactionId) => void expected.delete(transactionId.toString('hex')),
    onRetired: (usernameFragment) => void retired.push(usernameFragment),
  });
  agent.remote = PEER;

  function datagram(request: RequestOptions = {}): Buffer {
    const local = request.local ?? agent.local;
    return encodeStunMessage({
      type: request.type ?? STUN_TYPES.bindingRequest,
      transactionId: randomBytes(12),
      attributes: [
        [STUN_ATTRIBUTES.username, Buffer.from(request.username ?? `${local.usernameFragment}:peer`)],
        [STUN_ATTRIBUTES.priority, Buffer.from([110, 0, 30, 255])],
        ...(request.attributes ?? []),
      ],
      password: request.password ?? local.password,
    });
  }

  function receive(data: Buffer, from: PeerAddress = HOME): void {
    const message = parseStunMessage(data);
    if (message) agent.handle(message, from);
  }

  /** What the agent has asked the peer, without repetitions. */
  function ownChecks() {
    const requests = sent.filter(({ answer }) => answer?.isBindingRequest);
    return requests.filter(({ data }, index) => requests.findIndex((other) => other.data.equals(data)) === index);
  }

  /** The peer answers the last check of the agent, as every full ICE agent does. */
  function answerOwnCheck(changes: { readonly password?: string; readonly from?: PeerAddress; readonly transactionId?: Buffer } = {}): void {
    const { data, to } = ownChecks().at(-1) ?? expect.fail('no check of our own');
    const asked = parseStunMessage(data)?.username?.split(':')[0] ?? '';
    const { password = credentialsOf(asked).password, from = to, transactionId = data.subarray(8, 20) } = changes;
    receive(encodeBindingSuccess(transactionId, from, password), from);
  }

  return { agent, clock, sent, verified, refused, alive, expected, retired, ownChecks, answerOwnCheck, datagram, receive, check: (request: RequestOptions = {}, from = HOME) => receive(datagram(request), from) };
}

describe('IceLiteAgent', () => {
  it('has credentials of ice-chars that differ per session', () => {
    const { local } = createAgent().agent;
    expect(local.usernameFragment).toMatch(/^[A-Za-z0-9+/]{8}$/);
    expect(local.password).toMatch(/^[A-Za-z0-9+/]{24}$/);
    expect(createAgent().agent.local).not.toEqual(local);
  });

  it.each([HOME, MOBILE])('answers an authentic request with the address it saw, $address', (from) => {
    const { agent, sent, datagram, receive } = createAgent();
    const request = datagram();

    receive(request, from);

    const [{ data, answer, to } = expect.fail('no answer')] = sent;
    expect(to).toBe(from);
    expect(answer?.type).toBe(STUN_TYPES.bindingSuccess);
    expect(answer?.transactionId).toEqual(request.subarray(8, 20));
    expect(answer?.verifyFingerprint()).toBe(true);
    expect(answer?.verifyIntegrity(agent.local.password)).toBe(true);
    expect(answer?.attribute(STUN_ATTRIBUTES.xorMappedAddress)?.readUInt16BE(2)).toBe(from.port ^ 0x2112);
    expect(data.length).toBeLessThanOrEqual(request.length);
  });

  it('sends to the first verified address before a nomination', () => {
    const { agent, verified, check } = createAgent();

    check({}, HOME);
    check({}, MOBILE);

    expect(agent.sendAddress).toBe(HOME);
    expect(agent.nominated).toBe(false);
    expect(verified).toEqual([HOME, MOBILE]);
  });

  it('takes the address that it sends to for the nominated one, without asking back', () => {
    const { agent, ownChecks, check } = createAgent();

    check({}, HOME);
    check({ attributes: [USE_CANDIDATE] }, HOME);

    expect(agent.nominated).toBe(true);
    expect(ownChecks()).toEqual([]);
    expect(agent.counters.moves).toBe(0);
  });

  it('moves when the peer nominates another address, and answers from there', () => {
    const { agent, clock, expected, ownChecks, answerOwnCheck, check } = createAgent();
    check({ attributes: [USE_CANDIDATE] }, HOME);

    check({ attributes: [USE_CANDIDATE] }, MOBILE);
    expect(agent.sendAddress).toBe(HOME);
    const [{ answer: question, to } = expect.fail('no check')] = ownChecks();
    expect(to).toBe(MOBILE);
    expect(question?.username).toBe(`peer:${agent.local.usernameFragment}`);
    expect(question?.verifyIntegrity(PEER.password)).toBe(true);
    expect(question?.has(STUN_ATTRIBUTES.iceControlled)).toBe(true);
    expect(expected.size).toBe(1);

    answerOwnCheck();
    expect(agent.path).toEqual({ address: MOBILE, since: clock.now() });
    expect(agent.counters).toMatchObject({ checks: 2, moves: 1 });
    expect(expected.size).toBe(0);
  });

  describe('before it moves', () => {
    function createMoving() {
      const created = createAgent();
      created.check({ attributes: [USE_CANDIDATE] }, HOME);
      created.check({ attributes: [USE_CANDIDATE] }, MOBILE);
      return created;
    }

    it.each([
      ['another password', { password: 'wrong' }],
      ['another address', { from: { ...MOBILE, port: 7 } }],
      ['the answer to another transaction', { transactionId: randomBytes(12) }],
    ])('does not take %s', (_what, forged) => {
      const { agent, answerOwnCheck } = createMoving();
      answerOwnCheck(forged);
      expect(agent.sendAddress).toBe(HOME);
      expect(agent.counters.rejected.unexpectedAnswer).toBe(1);
      answerOwnCheck();
      expect(agent.sendAddress).toBe(MOBILE);
    });

    it('asks four times, and then lets it be', async () => {
      const { agent, clock, sent, expected, ownChecks } = createMoving();
      for (let elapsedMs = 0; elapsedMs <= 5000; elapsedMs += 20) {
        agent.tick(clock.monotonic());
        await clock.advance(20);
      }
      expect(sent.filter(({ answer }) => answer?.isBindingRequest)).toHaveLength(4);
      expect(ownChecks()).toHaveLength(1);
      expect(expected.size).toBe(0);
      expect(agent.sendAddress).toBe(HOME);
    });

    it('does not ask one address twice at the same time', () => {
      const { ownChecks, check } = createMoving();
      check({ attributes: [USE_CANDIDATE] }, MOBILE);
      expect(ownChecks()).toHaveLength(1);
    });

    it('stays when the peer changes its mind', () => {
      const { agent, answerOwnCheck, check } = createMoving();
      check({ attributes: [USE_CANDIDATE] }, HOME);
      answerOwnCheck();
      expect(agent.sendAddress).toBe(HOME);
    });

    it('asks only so many addresses', () => {
      const { agent, ownChecks, expected, check } = createMoving();
      for (let port = 1; port <= 100; port++) check({ attributes: [USE_CANDIDATE] }, { ...MOBILE, port });
      expect(ownChecks()).toHaveLength(8);
      expect(agent.counters.ownChecksSuppressed).toBe(93);
      expect(expected.size).toBe(1);
    });

    it('asks nobody any more once it is closed', async () => {
      const { agent, clock, sent, expected } = createMoving();
      agent.close();
      const before = sent.length;
      await clock.advance(200);
      agent.tick(clock.monotonic());
      expect(sent).toHaveLength(before);
      expect(expected.size).toBe(0);
    });
  });

  it('finds a peer that sends from elsewhere, and never before it was nominated', () => {
    const { agent, ownChecks, answerOwnCheck, check } = createAgent();
    check({}, HOME);
    agent.suspectMove(MOBILE);
    expect(ownChecks()).toEqual([]);

    check({ attributes: [USE_CANDIDATE] }, HOME);
    agent.suspectMove(MOBILE);
    agent.suspectMove(MOBILE);
    expect(ownChecks()).toHaveLength(1);
    answerOwnCheck();
    expect(agent.sendAddress).toBe(MOBILE);
  });

  it('asks a silent peer where it is sent to, and takes the answer for a sign of life', () => {
    const { agent, alive, ownChecks, answerOwnCheck, check } = createAgent();
    agent.askForLife();
    expect(ownChecks()).toEqual([]);
    check({ attributes: [USE_CANDIDATE] }, HOME);
    const before = alive.length;
    agent.askForLife();
    agent.askForLife();
    expect(ownChecks().map(({ to }) => to)).toEqual([HOME]);
    answerOwnCheck({ password: 'wrong' });
    expect(alive).toHaveLength(before);
    answerOwnCheck();
    expect(alive).toHaveLength(before + 1);
    expect(agent.counters.moves).toBe(0);
  });

  it('asks a silent peer for nothing while it finds out whether that has moved', () => {
    const { agent, answerOwnCheck, check } = createAgent();
    check({ attributes: [USE_CANDIDATE] }, HOME);
    check({ attributes: [USE_CANDIDATE] }, MOBILE);
    agent.askForLife();
    answerOwnCheck();
    expect(agent.sendAddress).toBe(MOBILE);
  });

  it('asks a nominated address rather than one that a packet came from', () => {
    const { agent, answerOwnCheck, check } = createAgent();
    check({ attributes: [USE_CANDIDATE] }, HOME);
    check({ attributes: [USE_CANDIDATE] }, MOBILE);
    agent.suspectMove({ ...HOME, port: 7 });
    answerOwnCheck();
    expect(agent.sendAddress).toBe(MOBILE);
  });

  it('takes a captured request for nothing when it comes from elsewhere, and for no sign of life when it comes again', async () => {
    const { agent, clock, sent, alive, datagram, receive } = createAgent();
    const request = datagram({ attributes: [USE_CANDIDATE] });
    receive(request, HOME);
    await clock.advance(1000);

    receive(request, MOBILE);
    expect(sent).toHaveLength(1);
    expect(agent.counters.rejected.replayed).toBe(1);
    receive(request, HOME);
    expect(sent).toHaveLength(2);
    expect(alive).toEqual([0]);
  });

  it('looks at only so many checks per second', async () => {
    const { agent, clock, sent, check } = createAgent({ maxChecksPerSecond: 10 });
    for (let index = 0; index < 15; index++) check();
    expect(sent).toHaveLength(10);
    expect(agent.counters.rejected.tooMany).toBe(5);
    await clock.advance(1000);
    check();
    expect(sent).toHaveLength(11);
  });

  it('remembers checks by address, and the accepted ones before all others', async () => {
    const { agent, clock, check } = createAgent();
    const startedAt = clock.now();
    for (let port = 1; port <= 100; port++) check({ password: 'wrong' }, { ...MOBILE, port });
    check({ attributes: [USE_CANDIDATE] }, HOME);
    await clock.advance(100);
    check({}, HOME);
    expect(agent.checks).toHaveLength(8);
    expect(agent.unlistedChecks).toBe(93);
    expect(agent.checks.at(-1)).toEqual({ address: HOME.address, port: HOME.port, protocol: 'udp', accepted: 2, refused: {}, nominated: true, firstAt: startedAt, lastAt: startedAt + 100 });
    expect(agent.checks[0]).toMatchObject({ address: MOBILE.address, accepted: 0, refused: { integrity: 1 } });
  });

  it('takes one remote on two local addresses for two paths', () => {
    const { agent, answerOwnCheck, check } = createAgent();

    check({ attributes: [USE_CANDIDATE] }, { ...HOME, localAddress: '198.51.100.1' });
    check({ attributes: [USE_CANDIDATE] }, { ...HOME, localAddress: '198.51.100.2' });
    answerOwnCheck();

    expect(agent.sendAddress?.localAddress).toBe('198.51.100.2');
  });

  it('knows when the last authentic request came', async () => {
    const { agent, clock, check } = createAgent();
    expect(agent.lastVerifiedAt).toBeUndefined();
    check();
    expect(agent.lastVerifiedAt).toBe(0);
    await clock.advance(2500);
    check({ password: 'wrong' });
    expect(agent.lastVerifiedAt).toBe(0);
    check();
    expect(agent.lastVerifiedAt).toBe(2500);
  });

  it.each<[keyof IceLiteAgent['counters']['rejected'], RequestOptions, number]>([
    ['integrity', { password: 'wrong' }, 1],
    ['username', { username: 'another:peer' }, 1],
    ['username', { username: 'peer' }, 1],
    ['notARequest', { type: STUN_TYPES.bindingIndication }, 0],
    ['unexpectedAnswer', { type: STUN_TYPES.bindingSuccess }, 0],
    ['unexpectedAnswer', { type: STUN_TYPES.bindingError }, 0],
  ])('does nothing with what fails on %s, %j, but refuse it', (reason, request, refusals) => {
    const { agent, sent, verified, refused, alive, check } = createAgent();

    check({ ...request, attributes: [USE_CANDIDATE] });

    expect({ sent, verified, alive }).toEqual({ sent: [], verified: [], alive: [] });
    expect(refused).toHaveLength(refusals);
    expect(agent.sendAddress).toBeUndefined();
    expect(agent.lastVerifiedAt).toBeUndefined();
    expect(agent.counters.checks).toBe(0);
    expect(agent.counters.rejected[reason]).toBe(1);
  });

  it('ignores a request that names another peer, once it knows its own', () => {
    const { agent, sent, check } = createAgent();
    const username = `${agent.local.usernameFragment}:stranger`;

    check({ username });
    expect(sent).toHaveLength(0);

    agent.remote = undefined;
    check({ username });
    expect(sent).toHaveLength(1);
  });

  it('ignores a request without MESSAGE-INTEGRITY', () => {
    const { agent, sent, datagram, receive } = createAgent();
    const beforeIntegrity = datagram({ attributes: [USE_CANDIDATE] }).subarray(0, -32);
    const forged = Buffer.concat([beforeIntegrity, Buffer.from([0x80, 0x28, 0, 4, 0, 0, 0, 0])]);
    forged.writeUInt16BE(forged.length - 20, 2);
    forged.writeUInt32BE((crc32(forged.subarray(0, -8)) ^ 0x5354554e) >>> 0, forged.length - 4);

    receive(forged);

    expect(sent).toEqual([]);
    expect(agent.counters.rejected.integrity).toBe(1);
  });

  it('ignores a request with a wrong FINGERPRINT, or without one', () => {
    const { agent, sent, datagram, receive } = createAgent();
    const intact = datagram();
    const wrongFingerprint = Buffer.from(intact);
    wrongFingerprint[intact.length - 1] = intact[intact.length - 1]! ^ 1;
    const withoutFingerprint = Buffer.from(intact.subarray(0, -8));
    withoutFingerprint.writeUInt16BE(withoutFingerprint.length - 20, 2);

    receive(wrongFingerprint);
    receive(withoutFingerprint);

    expect(sent).toEqual([]);
    expect(agent.counters.rejected.fingerprint).toBe(2);
  });

  it('refuses an attribute that must be understood with 420', () => {
    const { agent, sent, check } = createAgent();

    check({ attributes: [[0x7777, Buffer.alloc(0)], USE_CANDIDATE] });

    expect(sent[0]?.answer?.attribute(STUN_ATTRIBUTES.errorCode)?.toString('hex')).toBe('00000414');
    expect(sent[0]?.answer?.attribute(STUN_ATTRIBUTES.unknownAttributes)?.toString('hex')).toBe('7777');
    expect(agent.sendAddress).toBeUndefined();
    expect(agent.counters.rejected.unknownAttribute).toBe(1);
  });

  it('refuses a peer that claims to be controlled with 487', () => {
    const { agent, sent, check } = createAgent();

    check({ attributes: [[STUN_ATTRIBUTES.iceControlled, randomBytes(8)], USE_CANDIDATE] });

    expect(sent[0]?.answer?.type).toBe(STUN_TYPES.bindingError);
    expect(sent[0]?.answer?.attribute(STUN_ATTRIBUTES.errorCode)?.toString('hex')).toBe('00000457');
    expect(sent[0]?.answer?.verifyIntegrity(agent.local.password)).toBe(true);
    expect(agent.sendAddress).toBeUndefined();
    expect(agent.counters.rejected.roleConflict).toBe(1);
  });

  it('ignores a request from an address of another session', () => {
    const { agent, sent, check } = createAgent({ isFree: (from) => from !== HOME });

    check({ attributes: [USE_CANDIDATE] }, HOME);

    expect(sent).toEqual([]);
    expect(agent.sendAddress).toBeUndefined();
    expect(agent.counters.rejected.addressTaken).toBe(1);
  });

  describe('restart', () => {
    const nominate = { attributes: [USE_CANDIDATE] };

    /** Connected at HOME, then restarted by a peer that is now called `fresh`. */
    function createRestarted() {
      const created = createAgent();
      const before = created.agent.local;
      created.check(nominate, HOME);
      created.agent.restart(credentialsOf('fresh'));
      const after = created.agent.local;
      return { ...created, before, after, old: { local: before }, fresh: { local: after, username: `${after.usernameFragment}:fresh` } };
    }

    it('makes new credentials and stays where it was', () => {
      const { agent, retired, before, after } = createRestarted();
      expect(after.usernameFragment).not.toBe(before.usernameFragment);
      expect(after.password).not.toBe(before.password);
      expect(agent.remote?.usernameFragment).toBe('fresh');
      expect(agent.usernameFragments).toEqual([after.usernameFragment, before.usernameFragment]);
      expect(agent.sendAddress).toBe(HOME);
      expect(retired).toEqual([]);
    });

    it('answers checks of both generations, each with its own password, and moves with neither', () => {
      const { agent, sent, check, old, fresh, before, after } = createRestarted();
      check(old, HOME);
      check(fresh, MOBILE);
      expect(sent.at(-2)?.answer?.verifyIntegrity(before.password)).toBe(true);
      expect(sent.at(-1)?.answer?.verifyIntegrity(after.password)).toBe(true);
      expect(agent.sendAddress).toBe(HOME);
    });

    it('moves with the first nomination of the new generation, and forgets the old one', () => {
      const { agent, sent, retired, check, answerOwnCheck, old, fresh, before, after } = createRestarted();
      check({ ...fresh, ...nominate }, MOBILE);
      answerOwnCheck();
      expect(agent.sendAddress).toBe(MOBILE);
      expect(retired).toEqual([before.usernameFragment]);
      expect(agent.usernameFragments).toEqual([after.usernameFragment]);

      const answers = sent.length;
      check({ ...old, ...nominate }, HOME);
      expect(sent).toHaveLength(answers);
      expect(agent.sendAddress).toBe(MOBILE);
      expect(agent.counters.rejected.username).toBe(1);
    });

    it('is finished also by a nomination of the same address', () => {
      const { agent, retired, check, fresh, before } = createRestarted();
      check({ ...fresh, ...nominate }, HOME);
      check({ ...fresh, ...nominate }, HOME);
      expect(agent.sendAddress).toBe(HOME);
      expect(retired).toEqual([before.usernameFragment]);
    });

    it('follows the old generation while the new one has not begun', () => {
      const { agent, retired, check, answerOwnCheck, old } = createRestarted();
      check({ ...old, ...nominate }, MOBILE);
      answerOwnCheck();
      expect(agent.sendAddress).toBe(MOBILE);
      expect(retired).toEqual([]);
    });

    it.each([
      ['the new fragment with the old password', 'integrity', 'after', 'before', 'fresh'],
      ['the old fragment with the new password', 'integrity', 'before', 'after', 'peer'],
      ['the new fragment of ours with the old one of the peer', 'username', 'after', 'after', 'peer'],
      ['the old fragment of ours with the new one of the peer', 'username', 'before', 'before', 'fresh'],
    ] as const)('ignores %s', (_what, reason, fragment, password, remote) => {
      const { check, ...restarted } = createRestarted();
      const username = `${restarted[fragment].usernameFragment}:${remote}`;
      check({ username, password: restarted[password].password, ...nominate }, MOBILE);
      expect(restarted.agent.counters.rejected[reason]).toBe(1);
      expect(restarted.agent.sendAddress).toBe(HOME);
      expect(restarted.retired).toEqual([]);
    });

    it('keeps the generation in use and the last one, however often it restarts', () => {
      const { agent, retired, check, answerOwnCheck, old, before, after } = createRestarted();
      for (let index = 0; index < 100; index++) agent.restart(credentialsOf(`again${index}`));
      expect(agent.usernameFragments).toEqual([agent.local.usernameFragment, before.usernameFragment]);
      expect(retired).toHaveLength(100);
      expect(retired[0]).toBe(after.usernameFragment);
      check({ ...old, ...nominate }, MOBILE);
      answerOwnCheck();
      expect(agent.sendAddress).toBe(MOBILE);
    });

    it('knows what its peer was called until the last restart', () => {
      const { agent, check, fresh } = createRestarted();
      check({ ...fresh, ...nominate });
      expect(['peer', 'fresh', 'other'].map((name) => agent.hasKnownRemote(name))).toEqual([true, true, false]);
      agent.restart(credentialsOf('other'));
      agent.restart(credentialsOf('another'));
      expect(['fresh', 'other', 'another'].map((name) => agent.hasKnownRemote(name))).toEqual([true, true, true]);
    });

    it('works before anything was nominated', () => {
      const { agent, retired, check, answerOwnCheck } = createAgent();
      const before = agent.local;
      check({}, HOME);
      agent.restart(credentialsOf('fresh'));
      check({ username: `${agent.local.usernameFragment}:fresh` }, MOBILE);
      expect(agent.sendAddress).toBe(HOME);
      check({ local: before, ...nominate }, HOME);
      check({ username: `${agent.local.usernameFragment}:fresh`, ...nominate }, MOBILE);
      answerOwnCheck();
      expect(agent.sendAddress).toBe(MOBILE);
      expect(retired).toEqual([before.usernameFragment]);
    });
  });

  it('never answers with more bytes than it was asked with', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(0xffff), fc.uint8Array({ maxLength: 8 })), { maxLength: 10 }),
        fc.constantFrom(HOME, MOBILE),
        (attributes, from) => {
          const { sent, datagram, receive } = createAgent();
          const request = datagram({ attributes: attributes.map(([type, value]) => [type, Buffer.from(value)]) });
          receive(request, from);
          for (const { data } of sent) expect(data.length).toBeLessThanOrEqual(request.length);
        },
      ),
    );
  });

  it('stays silent rather than answer a short request with more', () => {
    const { agent, sent, receive } = createAgent();
    receive(
      encodeStunMessage({
        type: STUN_TYPES.bindingRequest,
        transactionId: randomBytes(12),
        attributes: [[STUN_ATTRIBUTES.username, Buffer.from(`${agent.local.usernameFragment}:peer`)]],
        password: agent.local.password,
      }),
      MOBILE,
    );
    expect(sent).toEqual([]);
    expect(agent.counters.rejected.amplification).toBe(1);
  });
});
