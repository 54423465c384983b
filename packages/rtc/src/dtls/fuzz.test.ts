import fc from 'fast-check';
import { settle } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { type DtlsRole, createDtlsCertificate } from './index.ts';
import { OurPeer, eventually, link } from './peers.test.util.ts';

const server = await createDtlsCertificate();
const client = await createDtlsCertificate();

function peer(role: DtlsRole): OurPeer {
  const [own, remote] = role === 'server' ? [server, client] : [client, server];
  return new OurPeer({ role, certificate: own, remoteFingerprints: [remote.fingerprint] });
}

async function connectedPair(): Promise<Record<DtlsRole, OurPeer>> {
  const pair = { server: peer('server'), client: peer('client') };
  link(pair.server, pair.client);
  pair.server.association.start();
  pair.client.association.start();
  await eventually(() => expect([pair.server.connects, pair.client.connects]).toEqual([1, 1]));
  return pair;
}

/** The datagrams of a whole handshake, as each side sent them. */
const handshake = await connectedPair();

const bytes = (maxLength: number): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

/** A record header that fits its content, in any epoch and of any type. */
const recordLike: fc.Arbitrary<Buffer> = fc
  .tuple(fc.constantFrom(20, 21, 22, 23, 24, 99), fc.constantFrom(0, 1, 2, 65_535), fc.nat(2 ** 32 - 1), bytes(80))
  .map(([contentType, epoch, sequence, content]) => {
    const header = Buffer.from([contentType, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt16BE(epoch, 3);
    header.writeUIntBE(sequence, 5, 6);
    header.writeUInt16BE(content.length, 11);
    return Buffer.concat([header, content]);
  });

/** A datagram of a real handshake with some bytes changed, and perhaps cut. */
function mutated(datagrams: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const changes = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 });
  return fc.tuple(fc.constantFrom(...datagrams), changes, fc.option(fc.nat(2000))).map(([datagram, edits, cut]) => {
    const copy = Buffer.from(datagram);
    for (const [at, value] of edits) copy[at % copy.length] = value;
    return cut === null ? copy : copy.subarray(0, cut % (copy.length + 1));
  });
}

function anyDatagram(from: DtlsRole): fc.Arbitrary<Buffer> {
  return fc.oneof(bytes(120), recordLike, { arbitrary: mutated(handshake[from].sent), weight: 3 });
}

const ROLES: readonly DtlsRole[] = ['server', 'client'];
const otherRole = (role: DtlsRole): DtlsRole => (role === 'server' ? 'client' : 'server');

test.each(ROLES)('before the handshake is done no datagram makes a %s throw', async (role) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyDatagram(otherRole(role)), { maxLength: 20 }), async (datagrams) => {
      const subject = peer(role);
      subject.association.start();
      for (const datagram of datagrams) {
        subject.receive(datagram);
        // Promises of werift must have their chance to fail.
        await settle();
      }
      subject.association.close();
      expect(subject.connects).toBe(0);
    }),
    { numRuns: 150 },
  );
});

test.each(ROLES)('a %s that gets a changed flight connects on the same keys, or not at all, and throws in no case', async (role) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1), fc.array(fc.tuple(fc.nat(1200), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 }), async (which, edits) => {
      const pair = { server: peer('server'), client: peer('client') };
      let datagrams = 0;
      const change = (datagram: Buffer) => {
        if (datagrams++ === which) for (const [at, by] of edits) datagram[at % datagram.length]! ^= by;
        return [datagram];
      };
      link(pair[otherRole(role)], pair[role], { aToB: change });
      pair.server.association.start();
      pair.client.association.start();
      for (let turn = 0; turn < 8; turn++) await settle();

      const { localKey, remoteKey } = { localKey: pair.server.keys?.localKey, remoteKey: pair.client.keys?.remoteKey };
      expect(localKey === undefined || remoteKey === undefined || localKey.equals(remoteKey)).toBe(true);
      pair.server.association.close();
      pair.client.association.close();
    }),
    { numRuns: 200 },
  );
});

test.each(ROLES)('no datagram closes a connected %s', async (role) => {
  const pair = await connectedPair();
  const subject = pair[role];
  await fc.assert(
    fc.asyncProperty(fc.array(anyDatagram(otherRole(role)), { maxLength: 30 }), async (datagrams) => {
      for (const datagram of datagrams) subject.receive(datagram);
      await settle();
      expect(subject.closed).toEqual([]);
      expect(subject.association.connected).toBe(true);
    }),
    { numRuns: 150 },
  );

  pair[otherRole(role)].association.sendData(Buffer.from('still here'));
  await eventually(() => expect(subject.data).toEqual(['still here']));
});

test.each(ROLES)('changed records of the connection itself neither close a %s nor come out as data', async (role) => {
  const pair = await connectedPair();
  const [subject, other] = [pair[role], pair[otherRole(role)]];
  for (let i = 0; i < 5; i++) other.association.sendData(Buffer.from(`data ${i}`));
  await eventually(() => expect(subject.data).toHaveLength(5));
  const encrypted = other.sent.slice(-5);

  fc.assert(
    fc.property(mutated(encrypted), (datagram) => {
      subject.receive(datagram);
    }),
    { numRuns: 1000 },
  );
  expect(subject.data).toHaveLength(5);
  expect(subject.closed).toEqual([]);
});
