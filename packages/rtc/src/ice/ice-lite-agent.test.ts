import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type IceCredentials, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerAddress } from '../udp/peer-address.ts';
import { IceLiteAgent } from './ice-lite-agent.ts';
import { STUN_ATTRIBUTES, STUN_TYPES } from './stun-constants.ts';
import { type StunAttribute, encodeStunMessage } from './stun-encoder.ts';
import { type StunMessage, parseStunMessage } from './stun-message.ts';

const HOME: PeerAddress = { address: '192.0.2.1', port: 5000 };
const MOBILE: PeerAddress = { address: '2001:db8::1', port: 6000 };
const USE_CANDIDATE: StunAttribute = [STUN_ATTRIBUTES.useCandidate, Buffer.alloc(0)];

interface RequestOptions {
  readonly type?: number;
  /** Of the request's ICE generation; the current ones when absent. */
  readonly local?: IceCredentials;
  readonly username?: string;
  readonly password?: string;
  readonly attributes?: readonly StunAttribute[];
}

function createAgent(options: { readonly isFree?: (from: PeerAddress) => boolean } = {}) {
  const clock = new FakeClock();
  const sent: { readonly data: Buffer; readonly answer: StunMessage | undefined; readonly to: PeerAddress }[] = [];
  const verified: PeerAddress[] = [];
  const selected: [PeerAddress, boolean][] = [];
  const retired: string[] = [];
  const agent = new IceLiteAgent({
    clock,
    logger: silentLogger,
    send: (data, to) => void sent.push({ data, answer: parseStunMessage(data), to }),
    onAddressVerified(from) {
      verified.push(from);
      return options.isFree?.(from) ?? true;
    },
    onSelected: (address, isFirst) => void selected.push([address, isFirst]),
    onRetired: (usernameFragment) => void retired.push(usernameFragment),
  });
  agent.remoteUsernameFragment = 'peer';

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
    if (message) agent.handleRequest(message, from);
  }

  return { agent, clock, sent, verified, selected, retired, datagram, receive, check: (request: RequestOptions = {}, from = HOME) => receive(datagram(request), from) };
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
    const { agent, selected, verified, check } = createAgent();

    check({}, HOME);
    check({}, MOBILE);

    expect(agent.sendAddress).toBe(HOME);
    expect(agent.nominated).toBe(false);
    expect(verified).toEqual([HOME, MOBILE]);
    expect(selected).toEqual([]);
  });

  it('sends to the nominated address, and says so once', () => {
    const { agent, selected, check } = createAgent();

    check({}, HOME);
    check({ attributes: [USE_CANDIDATE] }, MOBILE);
    check({ attributes: [USE_CANDIDATE] }, MOBILE);
    check({}, HOME);

    expect(agent.sendAddress).toBe(MOBILE);
    expect(agent.nominated).toBe(true);
    expect(selected).toEqual([[MOBILE, true]]);
    expect(agent.counters.migrations).toBe(0);
  });

  it('moves when the peer nominates another address', () => {
    const { agent, selected, check } = createAgent();

    check({ attributes: [USE_CANDIDATE] }, HOME);
    check({ attributes: [USE_CANDIDATE] }, MOBILE);

    expect(agent.sendAddress).toBe(MOBILE);
    expect(selected).toEqual([[HOME, true], [MOBILE, false]]);
    expect(agent.counters).toMatchObject({ checks: 2, migrations: 1 });
  });

  it('takes one remote on two local addresses for two paths', () => {
    const { agent, check } = createAgent();

    check({ attributes: [USE_CANDIDATE] }, { ...HOME, localAddress: '198.51.100.1' });
    check({ attributes: [USE_CANDIDATE] }, { ...HOME, localAddress: '198.51.100.2' });

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

  it.each<[keyof IceLiteAgent['counters']['rejected'], RequestOptions]>([
    ['integrity', { password: 'wrong' }],
    ['username', { username: 'another:peer' }],
    ['username', { username: 'peer' }],
    ['notARequest', { type: STUN_TYPES.bindingIndication }],
    ['notARequest', { type: STUN_TYPES.bindingSuccess }],
    ['notARequest', { type: STUN_TYPES.bindingError }],
  ])('ignores in silence what fails on %s: %j', (reason, request) => {
    const { agent, sent, verified, selected, check } = createAgent();

    check({ ...request, attributes: [USE_CANDIDATE] });

    expect({ sent, verified, selected }).toEqual({ sent: [], verified: [], selected: [] });
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

    agent.remoteUsernameFragment = undefined;
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
    const { agent, sent, selected, check } = createAgent({ isFree: (from) => from !== HOME });

    check({ attributes: [USE_CANDIDATE] }, HOME);

    expect({ sent, selected }).toEqual({ sent: [], selected: [] });
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
      created.agent.restart('fresh');
      const after = created.agent.local;
      return { ...created, before, after, old: { local: before }, fresh: { local: after, username: `${after.usernameFragment}:fresh` } };
    }

    it('makes new credentials and stays where it was', () => {
      const { agent, retired, before, after } = createRestarted();
      expect(after.usernameFragment).not.toBe(before.usernameFragment);
      expect(after.password).not.toBe(before.password);
      expect(agent.remoteUsernameFragment).toBe('fresh');
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
      const { agent, sent, retired, check, old, fresh, before, after } = createRestarted();
      check({ ...fresh, ...nominate }, MOBILE);
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
      const { agent, retired, check, old } = createRestarted();
      check({ ...old, ...nominate }, MOBILE);
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
      const { agent, retired, check, old, before, after } = createRestarted();
      for (let index = 0; index < 100; index++) agent.restart(`again${index}`);
      expect(agent.usernameFragments).toEqual([agent.local.usernameFragment, before.usernameFragment]);
      expect(retired).toHaveLength(100);
      expect(retired[0]).toBe(after.usernameFragment);
      check({ ...old, ...nominate }, MOBILE);
      expect(agent.sendAddress).toBe(MOBILE);
    });

    it('knows what its peer was called until the last restart', () => {
      const { agent, check, fresh } = createRestarted();
      check({ ...fresh, ...nominate });
      expect(['peer', 'fresh', 'other'].map((name) => agent.hasKnownRemote(name))).toEqual([true, true, false]);
      agent.restart('other');
      agent.restart('another');
      expect(['fresh', 'other', 'another'].map((name) => agent.hasKnownRemote(name))).toEqual([true, true, true]);
    });

    it('works before anything was nominated', () => {
      const { agent, retired, check } = createAgent();
      const before = agent.local;
      check({}, HOME);
      agent.restart('fresh');
      check({ username: `${agent.local.usernameFragment}:fresh` }, MOBILE);
      expect(agent.sendAddress).toBe(HOME);
      check({ local: before, ...nominate }, HOME);
      check({ username: `${agent.local.usernameFragment}:fresh`, ...nominate }, MOBILE);
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
