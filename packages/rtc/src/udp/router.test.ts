import { randomBytes } from 'node:crypto';
import { type Logger, silentLogger } from '@sluice/core';
import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { STUN_ATTRIBUTES, STUN_TYPES } from '../ice/stun-constants.ts';
import { encodeStunMessage } from '../ice/stun-encoder.ts';
import type { PeerAddress, PeerConnection } from './peer-address.ts';
import { type PacketReceiver, PacketRouter } from './router.ts';

const PEER: PeerAddress = { address: '192.0.2.1', port: 5000 };

function createReceiver(): PacketReceiver & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    onStun: (message) => void calls.push(`stun ${message.username}`),
    onDtls: () => void calls.push('dtls'),
    onRtp: () => void calls.push('rtp'),
    onRtcp: () => void calls.push('rtcp'),
  };
}

function stunFor(username: string): Buffer {
  return encodeStunMessage({
    type: STUN_TYPES.bindingRequest,
    transactionId: randomBytes(12),
    attributes: [[STUN_ATTRIBUTES.username, Buffer.from(username)]],
    password: 'secret',
  });
}

function peer(port: number): PeerAddress {
  return { address: PEER.address, port };
}

function fail(): never {
  throw new Error('broken session');
}

const DTLS = Buffer.from([22, 254, 253]);

describe('PacketRouter', () => {
  it('finds the receiver of a STUN message by the first part of USERNAME', () => {
    const router = new PacketRouter({ logger: silentLogger });
    const [ours, other] = [createReceiver(), createReceiver()];
    router.add('ours', ours);
    router.add('other', other);

    router.route(stunFor('ours:peer'), PEER);

    expect(ours.calls).toEqual(['stun ours:peer']);
    expect(other.calls).toEqual([]);
  });

  it.each(['unknown:peer', 'ours', ':ours', ''])('drops STUN for "%s"', (username) => {
    const router = new PacketRouter({ logger: silentLogger });
    const receiver = createReceiver();
    router.add('ours', receiver);

    router.route(stunFor(username), PEER);

    expect(receiver.calls).toEqual([]);
    expect(router.counters.dropped.unknownUsernameFragment).toBe(1);
  });

  it('drops malformed STUN', () => {
    const router = new PacketRouter({ logger: silentLogger });
    router.route(Buffer.alloc(20), PEER);
    expect(router.counters.dropped.malformedStun).toBe(1);
  });

  it.each([
    [20, 0, 'dtls'],
    [63, 0, 'dtls'],
    [128, 191, 'rtp'],
    [128, 192, 'rtcp'],
    [191, 223, 'rtcp'],
    [128, 224, 'rtp'],
  ])('takes first bytes %i %i as %s (RFC 7983, RFC 5761)', (first, second, kind) => {
    const router = new PacketRouter({ logger: silentLogger });
    const receiver = createReceiver();
    router.add('ours', receiver);
    router.bindAddress(receiver, PEER);

    router.route(Buffer.from([first, second]), PEER);

    expect(receiver.calls).toEqual([kind]);
    expect(router.counters.delivered).toBe(1);
  });

  it.each([[[4, 0]], [[19, 0]], [[64, 0]], [[127, 0]], [[192, 0]], [[255, 0]], [[128]], [[]]])('drops %j, which is no kind of packet', (bytes) => {
    const router = new PacketRouter({ logger: silentLogger });
    const receiver = createReceiver();
    router.add('ours', receiver);
    router.bindAddress(receiver, PEER);

    router.route(Buffer.from(bytes), PEER);

    expect(receiver.calls).toEqual([]);
    expect(router.counters.dropped.unknownKind).toBe(1);
  });

  it.each([
    ['another port', { ...PEER, port: 5001 }],
    ['another address', { ...PEER, address: '192.0.2.2' }],
  ])('drops what comes from %s than was verified', (_what, from) => {
    const router = new PacketRouter({ logger: silentLogger });
    const receiver = createReceiver();
    router.add('ours', receiver);
    router.bindAddress(receiver, PEER);

    router.route(DTLS, from);

    expect(receiver.calls).toEqual([]);
    expect(router.counters.dropped.unknownAddress).toBe(1);
  });

  it('leaves an address with the receiver that has it', () => {
    const router = new PacketRouter({ logger: silentLogger });
    const [first, second] = [createReceiver(), createReceiver()];
    router.add('first', first);
    router.add('second', second);

    expect(router.bindAddress(first, PEER)).toBe(true);
    expect(router.bindAddress(second, PEER)).toBe(false);
    expect(router.bindAddress(first, PEER)).toBe(true);
    router.route(DTLS, PEER);

    expect([first.calls, second.calls]).toEqual([['dtls'], []]);
    expect(router.counters.addressesTaken).toBe(1);
  });

  it('gives the addresses of a removed receiver free', () => {
    const router = new PacketRouter({ logger: silentLogger });
    const [first, second] = [createReceiver(), createReceiver()];
    router.add('first', first);
    router.bindAddress(first, PEER);
    router.remove('first', first);
    router.route(stunFor('first:peer'), PEER);
    router.route(DTLS, PEER);
    router.add('second', second);

    expect(router.bindAddress(first, PEER)).toBe(false);
    expect(router.bindAddress(second, PEER)).toBe(true);
    expect(first.calls).toEqual([]);
    expect(router.counters.dropped).toMatchObject({ unknownAddress: 1, unknownUsernameFragment: 1 });
  });

  it('keeps the addresses until the last username fragment is removed', () => {
    const router = new PacketRouter({ logger: silentLogger });
    const receiver = createReceiver();
    router.add('before', receiver);
    router.add('after', receiver);
    router.bindAddress(receiver, PEER);

    router.remove('before', receiver);
    router.route(DTLS, PEER);
    router.remove('after', receiver);
    router.route(DTLS, PEER);

    expect(receiver.calls).toEqual(['dtls']);
  });

  it('removes nothing of another receiver', () => {
    const router = new PacketRouter({ logger: silentLogger });
    const receiver = createReceiver();
    router.add('ours', receiver);

    router.remove('ours', createReceiver());
    router.route(stunFor('ours:peer'), PEER);

    expect(receiver.calls).toHaveLength(1);
  });

  it('refuses a username fragment that is taken', () => {
    const router = new PacketRouter({ logger: silentLogger });
    router.add('ours', createReceiver());
    expect(() => router.add('ours', createReceiver())).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });

  it('gives up the least recently verified address when there are too many, never the kept one', () => {
    const router = new PacketRouter({ logger: silentLogger, maxAddressesPerReceiver: 3 });
    const receiver = createReceiver();
    router.add('ours', receiver);
    for (const port of [1, 2, 3]) router.bindAddress(receiver, peer(port), peer(1));
    router.bindAddress(receiver, peer(2), peer(1));
    router.bindAddress(receiver, peer(4), peer(1));

    router.route(DTLS, peer(3));
    expect(receiver.calls).toEqual([]);
    for (const port of [1, 2, 4]) router.route(DTLS, peer(port));
    expect(receiver.calls).toHaveLength(3);
    expect(router.counters).toMatchObject({ addressesEvicted: 1, dropped: { unknownAddress: 1 } });
    expect(router.bindAddress(receiver, peer(3), peer(1))).toBe(true);
  });

  describe('with TCP connections', () => {
    function createConnection(): PeerConnection & { readonly calls: string[] } {
      const calls: string[] = [];
      return { calls, send: () => true, verified: () => void calls.push('verified'), close: () => void calls.push('close') };
    }

    it('tells connections of one address and port apart, and from UDP', () => {
      const router = new PacketRouter({ logger: silentLogger });
      const [overUdp, overTcp] = [createReceiver(), createReceiver()];
      const [connection, another] = [createConnection(), createConnection()];
      router.add('udp', overUdp);
      router.add('tcp', overTcp);

      expect(router.bindAddress(overUdp, PEER)).toBe(true);
      expect(router.bindAddress(overTcp, { ...PEER, connection })).toBe(true);
      expect(router.bindAddress(overUdp, { ...PEER, connection })).toBe(false);
      for (const from of [PEER, { ...PEER, connection }, { ...PEER, connection: another }]) router.route(DTLS, from);

      expect(overUdp.calls).toEqual(['dtls']);
      expect(overTcp.calls).toEqual(['dtls']);
      expect(router.counters).toMatchObject({ addressesTaken: 1, dropped: { unknownAddress: 1 } });
      expect([connection.calls, another.calls]).toEqual([['verified'], []]);
    });

    it('closes those of a receiver that goes, and one that it gives up', () => {
      const router = new PacketRouter({ logger: silentLogger, maxAddressesPerReceiver: 2 });
      const receiver = createReceiver();
      const connections = [createConnection(), createConnection(), createConnection()];
      router.add('ours', receiver);
      for (const connection of connections) router.bindAddress(receiver, { ...PEER, connection });
      expect(connections.map(({ calls }) => calls.at(-1))).toEqual(['close', 'verified', 'verified']);

      router.remove('ours', receiver);
      expect(connections.map(({ calls }) => calls.at(-1))).toEqual(['close', 'close', 'close']);
    });

    it('forgets one that is gone, and makes room for another', () => {
      const router = new PacketRouter({ logger: silentLogger, maxAddressesPerReceiver: 2 });
      const receiver = createReceiver();
      const gone = { ...PEER, connection: createConnection() };
      router.add('ours', receiver);
      router.bindAddress(receiver, PEER);
      router.bindAddress(receiver, gone);

      router.release(gone);
      router.release(gone);
      router.route(DTLS, gone);
      router.bindAddress(receiver, { ...PEER, connection: createConnection() });

      expect(receiver.calls).toEqual([]);
      expect(router.counters.addressesEvicted).toBe(0);
    });
  });

  it('has requests for no session refused', () => {
    const refuse = vi.fn<() => void>();
    const router = new PacketRouter({ logger: silentLogger, refusals: { refuse } });
    router.add('ours', createReceiver());
    router.route(stunFor('ours:peer'), PEER);
    expect(refuse).not.toHaveBeenCalled();
    router.route(stunFor('other:peer'), PEER);
    expect(refuse).toHaveBeenCalledOnce();
  });

  it('brings an answer to who expects it, and to nobody else', () => {
    const router = new PacketRouter({ logger: silentLogger });
    const receiver = createReceiver();
    const transactionId = randomBytes(12);
    const answer = encodeStunMessage({ type: STUN_TYPES.bindingSuccess, transactionId, attributes: [], password: 'secret' });
    router.add('ours', receiver);

    router.route(answer, PEER);
    router.expectAnswer(transactionId, receiver);
    router.route(answer, PEER);
    router.forgetAnswer(transactionId);
    router.route(answer, PEER);

    expect(receiver.calls).toEqual(['stun undefined']);
    expect(router.counters.dropped.unexpectedAnswer).toBe(2);
  });

  it('gives an address that its session has left to another that checks from there', () => {
    const router = new PacketRouter({ logger: silentLogger });
    const [first, second] = [{ ...createReceiver(), isUsing: (address: PeerAddress) => address.port === 2 }, createReceiver()];
    router.add('first', first);
    router.add('second', second);
    for (const port of [1, 2]) router.bindAddress(first, peer(port));

    expect(router.bindAddress(second, peer(2))).toBe(false);
    expect(router.bindAddress(second, peer(1))).toBe(true);
    router.route(DTLS, peer(1));
    router.remove('first', first);
    router.route(DTLS, peer(1));
    expect([first.calls, second.calls]).toEqual([[], ['dtls', 'dtls']]);
  });

  describe('for a peer whose port has changed', () => {
    const RTP = Buffer.from([128, 96, 0, 0]);
    const RTCP = Buffer.from([128, 201, 0, 0]);

    function createMoving(isOurs: boolean) {
      const receiver = createReceiver();
      return { ...receiver, onMoved: (kind: string) => Boolean(receiver.calls.push(`moved ${kind}`)) && isOurs };
    }

    it('tries the sessions of the host until one knows the packet', () => {
      const router = new PacketRouter({ logger: silentLogger });
      const receivers = [createMoving(false), createMoving(true), createMoving(true)];
      for (const [index, receiver] of receivers.entries()) {
        router.add(`ours${index}`, receiver);
        router.bindAddress(receiver, peer(index));
      }
      router.route(RTP, peer(9));
      router.route(RTCP, peer(9));
      router.route(DTLS, peer(9));
      router.route(RTP, { ...PEER, address: '192.0.2.2' });

      expect(receivers.map(({ calls }) => calls)).toEqual([['moved rtp', 'moved rtcp'], ['moved rtp', 'moved rtcp'], []]);
      expect(router.counters).toMatchObject({ delivered: 2, dropped: { unknownAddress: 2 } });
    });

    it('tries no more than is allowed, and nobody who has left the host', async () => {
      const clock = new FakeClock();
      const router = new PacketRouter({ logger: silentLogger, clock, maxMoveTrialsPerSecond: 10 });
      const receiver = createMoving(false);
      router.add('ours', receiver);
      router.bindAddress(receiver, PEER);
      for (let index = 0; index < 30; index++) router.route(RTP, peer(9));
      expect(receiver.calls).toHaveLength(10);
      expect(router.counters).toMatchObject({ moveTrialsSuppressed: 20, dropped: { unknownAddress: 30 } });

      await clock.advance(1000);
      router.remove('ours', receiver);
      router.route(RTP, peer(9));
      expect(receiver.calls).toHaveLength(10);
    });

    it('survives a session that throws', () => {
      const router = new PacketRouter({ logger: silentLogger });
      const receiver = { ...createReceiver(), onMoved: fail };
      router.add('ours', receiver);
      router.bindAddress(receiver, PEER);
      router.route(RTP, peer(9));
      expect(router.counters.receiverErrors).toBe(1);
    });
  });

  it('survives receivers that throw, counts them, and logs ever fewer of them', () => {
    const error = vi.fn();
    const logger: Logger = { ...silentLogger, error };
    const router = new PacketRouter({ logger });
    const receiver: PacketReceiver = { onStun: fail, onDtls: fail, onRtp: fail, onRtcp: fail };
    router.add('ours', receiver);
    router.bindAddress(receiver, PEER);

    for (let i = 0; i < 100; i++) router.route(DTLS, PEER);
    for (let i = 0; i < 100; i++) router.route(stunFor('ours:peer'), PEER);

    expect(router.counters.receiverErrors).toBe(200);
    expect(error).toHaveBeenCalledTimes(8);
  });

  it('never throws, and accounts for each datagram once', () => {
    const datagram = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.tuple(fc.nat(3), fc.uint8Array({ maxLength: 64 })).map(([first, rest]) => Uint8Array.from([first, ...rest])),
    );
    fc.assert(
      fc.property(fc.array(datagram, { maxLength: 20 }), (datagrams) => {
        const router = new PacketRouter({ logger: silentLogger });
        const receiver = createReceiver();
        router.add('ours', receiver);
        router.bindAddress(receiver, PEER);
        for (const bytes of datagrams) router.route(Buffer.from(bytes), PEER);
        const dropped = Object.values(router.counters.dropped).reduce((sum, count) => sum + count, 0);
        expect(router.counters.delivered + dropped).toBe(datagrams.length);
        expect(receiver.calls).toHaveLength(router.counters.delivered);
      }),
    );
  });
});
