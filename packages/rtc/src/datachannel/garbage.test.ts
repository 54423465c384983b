import fc from 'fast-check';
import { settle } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { type Side, carrier, eventually, side, withChecksum } from './association-pair.test.util.ts';
import { isSoundSctpPacket } from './sctp-packet.ts';

async function connectedPair(): Promise<{ server: Side; client: Side }> {
  const server = side({ dtlsRole: 'server' });
  const client = side({ dtlsRole: 'client', initiates: true });
  server.output = carrier((packet) => client.subject.receive(packet));
  client.output = carrier((packet) => server.subject.receive(packet));
  server.subject.start();
  client.subject.start();
  const channel = client.subject.open('chat');
  await eventually(() => expect(channel.open).toBe(true));
  channel.send('text');
  channel.send(new Uint8Array(3000));
  channel.close();
  await eventually(() => expect(server.subject.channels).toEqual([]));
  return { server, client };
}

/** Packets of a whole association: handshake, data, reset and abort. */
const recorded = await connectedPair();
recorded.client.subject.close();
recorded.server.subject.close();
const packets = [...recorded.client.sent, ...recorded.server.sent];

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));

/** A packet with some bytes changed, and its checksum put right. */
const changed = fc
  .tuple(fc.constantFrom(...packets), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }), fc.option(fc.nat(300)))
  .map(([packet, edits, cut]) => {
    const copy = Buffer.from(packet);
    for (const [at, value] of edits) copy[at % copy.length] = value;
    return withChecksum(cut === null ? copy : copy.subarray(0, cut % (copy.length + 1)));
  });

/** One chunk of any type and content under the tag of the association that it is sent to. */
const anyChunk = fc.tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 130, 192, 99), fc.nat(255), bytes);

function packetOf(target: Side, [type, flags, body]: [number, number, Buffer]): Buffer {
  const header = Buffer.alloc(16);
  // The peer learnt our tag from the INIT ACK, the first packet that we sent.
  target.sent[0]?.copy(header, 4, 16, 20);
  header.writeUInt16BE(5000, 0);
  header.writeUInt16BE(5000, 2);
  header.writeUInt8(type, 12);
  header.writeUInt8(flags, 13);
  header.writeUInt16BE(4 + body.length, 14);
  return withChecksum(Buffer.concat([header, body, Buffer.alloc((4 - (body.length % 4)) % 4)]));
}

test('no packet throws, leaves a rejected promise or hangs, before the association is there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(bytes, changed), { maxLength: 20 }), async (garbage) => {
      const subject = side({ dtlsRole: 'server' }).subject;
      subject.start();
      for (const packet of garbage) subject.receive(packet);
      await settle();
      subject.close();
    }),
    { numRuns: 200 },
  );
});

test('no packet throws, leaves a rejected promise or hangs, in an association', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyChunk, { minLength: 1, maxLength: 20 }), async (chunks) => {
      const { server, client } = await connectedPair();
      for (const chunk of chunks) server.subject.receive(packetOf(server, chunk));
      await settle();
      server.subject.close();
      client.subject.close();
    }),
    { numRuns: 60 },
  );
});

test('packets of anyone who does not know the tag change nothing', async () => {
  const { server, client } = await connectedPair();
  fc.assert(
    fc.property(fc.oneof(bytes, changed), (packet) => {
      server.subject.receive(packet);
    }),
  );
  const channel = client.subject.open('after');
  await eventually(() => expect(channel.open).toBe(true));
  server.subject.close();
  client.subject.close();
});

test('every packet of a real association is sound, and no cut of its chunks is', () => {
  for (const packet of packets) expect(isSoundSctpPacket(packet)).toBe(true);
  for (const packet of packets) expect(isSoundSctpPacket(packet.subarray(0, 14))).toBe(false);
});

test.each([
  ['a chunk of length zero, which werift reads for ever', [0, 3, 0, 0]],
  ['a parameter of length zero, which werift reads for ever', [4, 0, 0, 8, 0, 1, 0, 0]],
  ['a chunk that is longer than the packet', [4, 0, 0, 99]],
  ['a chunk of a type that werift does not know', [99, 0, 0, 4]],
  ['a DATA chunk without data', [0, 3, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 51]],
  ['a SACK of 65,536 packets', [3, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 255, 255]],
  ['a SACK with fewer gaps than it says', [3, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 9, 0, 0]],
])('%s is not sound', (_name, chunk) => {
  expect(isSoundSctpPacket(Buffer.concat([Buffer.alloc(12), Buffer.from(chunk)]))).toBe(false);
});

test('what is not sound is counted', () => {
  const { subject } = side({ dtlsRole: 'server' });
  subject.receive(Buffer.from('garbage'));
  expect(subject.dropped).toEqual({ malformed: 1 });
  subject.close();
});
