import { createHash } from 'node:crypto';
import { FakeClock, settle } from '@sluice/core/testing';
import { afterEach, expect, test } from 'vitest';
import { ALERT, ALERT_LEVEL, serializeAlert } from './alert.ts';
import { HANDSHAKE_TYPE } from './handshake/message.ts';
import { type DtlsRole, createDtlsCertificate } from './index.ts';
import { OurPeer, StockPeer, eventually, isFinished, link, plaintextRecord } from './peers.test.util.ts';
import { CONTENT_TYPE, parseRecords } from './record.ts';

const ours = await createDtlsCertificate();
const theirs = await createDtlsCertificate();
const stockPeers: StockPeer[] = [];

afterEach(() => {
  for (const peer of stockPeers.splice(0)) peer.stop();
});

function ourPeer(role: DtlsRole, options: { clock?: FakeClock; fingerprints?: { algorithm: string; value: string }[] } = {}) {
  const remoteFingerprints = options.fingerprints ?? [theirs.fingerprint];
  const clock = options.clock ?? new FakeClock();
  return new OurPeer({ role, certificate: ours, remoteFingerprints, clock });
}

function stockPeer(role: DtlsRole, srtpProfiles?: (1 | 7)[]): StockPeer {
  const peer = new StockPeer(role, theirs, srtpProfiles);
  stockPeers.push(peer);
  return peer;
}

async function connected(role: DtlsRole = 'server', clock = new FakeClock()) {
  const our = ourPeer(role, { clock });
  const stock = stockPeer(role === 'server' ? 'client' : 'server');
  link(our, stock);
  our.association.start();
  stock.connect();
  await eventually(() => expect([our.connects, stock.connects]).toEqual([1, 1]));
  return { our, stock, clock };
}

test.each<DtlsRole>(['server', 'client'])('as %s it connects with werift, agrees on SRTP keys and carries data', async (role) => {
  const { our, stock, clock } = await connected(role);

  expect(our.association.connected).toBe(true);
  const { profileId, ...keys } = our.keys!;
  expect(profileId).toBe(7);
  const stockKeys = stock.socket.extractSessionKeys(16, 12);
  expect(keys).toEqual({
    localKey: stockKeys.remoteKey,
    localSalt: stockKeys.remoteSalt,
    remoteKey: stockKeys.localKey,
    remoteSalt: stockKeys.localSalt,
  });
  our.association.sendData(Buffer.from('from us'));
  stock.send('from werift');
  await eventually(() => {
    expect(stock.data).toEqual(['from us']);
    expect(our.data).toEqual(['from werift']);
  });
  expect(clock.pending).toBe(0);
});

test('keys stand in memory of their own, so that none of them keeps a slab of Node', async () => {
  const { profileId: _id, ...keys } = (await connected()).our.keys!;
  expect(Object.values(keys).map(({ buffer }) => buffer.byteLength)).toEqual([16, 12, 16, 12]);
});

test.each<DtlsRole>(['server', 'client'])('as %s it agrees on keys with a peer that does not extend the master secret', async (role) => {
  const our = ourPeer(role);
  const stock = new StockPeer(role === 'server' ? 'client' : 'server', theirs, [7], false);
  stockPeers.push(stock);
  link(our, stock);
  our.association.start();
  stock.connect();
  await eventually(() => expect([our.connects, stock.connects]).toEqual([1, 1]));
  expect(our.keys?.localKey).toEqual(stock.socket.extractSessionKeys(16, 12).remoteKey);
});

test('two of our own connect', async () => {
  const server = ourPeer('server');
  const client = new OurPeer({ role: 'client', certificate: theirs, remoteFingerprints: [ours.fingerprint] });
  link(server, client);
  server.association.start();
  client.association.start();
  await eventually(() => expect([server.connects, client.connects]).toEqual([1, 1]));

  expect(client.keys?.localKey).toEqual(server.keys?.remoteKey);
  client.association.sendData(Buffer.from('hello'));
  await eventually(() => expect(server.data).toEqual(['hello']));
});

test('the SRTP profile of the peer is taken, and the lack of one is told', async () => {
  const withAesCm = ourPeer('server');
  const aesCm = stockPeer('client', [1]);
  link(withAesCm, aesCm);
  aesCm.connect();
  const withoutSrtp = ourPeer('server');
  const dataOnly = stockPeer('client', []);
  link(withoutSrtp, dataOnly);
  dataOnly.connect();

  await eventually(() => expect([withAesCm.connects, withoutSrtp.connects]).toEqual([1, 1]));
  expect(withAesCm.keys?.profileId).toBe(1);
  expect(withAesCm.keys?.localSalt).toHaveLength(14);
  expect(withoutSrtp.keys).toBeUndefined();
});

test.each(['sha-1', 'sha-256', 'sha-384', 'SHA-512'])('a certificate is known by its %s fingerprint, among others', async (algorithm) => {
  const hash = algorithm.toLowerCase().replace('-', '');
  const value = createHash(hash).update(theirs.der).digest('hex');
  const our = ourPeer('server', { fingerprints: [ours.fingerprint, { algorithm, value }] });
  const stock = stockPeer('client');
  link(our, stock);
  stock.connect();
  await eventually(() => expect(our.connects).toBe(1));
});

test.each<DtlsRole>(['server', 'client'])('as %s it refuses a certificate that was not announced, and says so', async (role) => {
  const our = ourPeer(role, { fingerprints: [ours.fingerprint, { algorithm: 'md5', value: '00' }] });
  const stock = stockPeer(role === 'server' ? 'client' : 'server');
  link(our, stock);
  our.association.start();
  stock.connect();

  await eventually(() => expect(our.closed).toHaveLength(1));
  expect(our.closed[0]).toContain('does not match the fingerprint');
  expect(our.connects).toBe(0);
  expect(our.sent.at(-1)?.subarray(13)).toEqual(serializeAlert({ level: ALERT_LEVEL.fatal, description: ALERT.bad_certificate }));
});

test('without a common cipher suite or curve the handshake fails with a reason', async () => {
  const our = ourPeer('server');
  const stock = stockPeer('client');
  const offersNothing = (datagram: Buffer) => {
    const suites = datagram.indexOf(Buffer.from([0xc0, 0x2b, 0xc0, 0x2f]));
    if (suites >= 0) datagram.fill(0, suites, suites + 4);
    return [datagram];
  };
  link(our, stock, { bToA: offersNothing });
  stock.connect();

  await eventually(() => expect(our.closed).toHaveLength(1));
  expect(our.closed[0]).toMatch(/^the DTLS handshake failed: .*cipher suite/);
});

test('a handshake that is not done in time fails, and names an alert that was seen', async () => {
  const clock = new FakeClock();
  const our = ourPeer('server', { clock });
  our.association.start();
  our.receive(plaintextRecord(CONTENT_TYPE.alert, serializeAlert({ level: 2, description: ALERT.unknown_ca })));
  await clock.advance(29_999);
  expect(our.closed).toEqual([]);

  await clock.advance(1);
  expect(our.closed).toHaveLength(1);
  expect(our.closed[0]).toContain('30000 ms');
  expect(our.closed[0]).toContain('unknown_ca');
  expect(clock.pending).toBe(0);
});

test('close tells a connected peer by an encrypted close_notify, once', async () => {
  const { our, stock } = await connected();
  our.association.close();
  our.association.close();

  await eventually(() => expect(stock.closes).toBe(1));
  expect(our.closed).toEqual([]);
  expect(our.association.connected).toBe(false);
});

test.each<DtlsRole>(['server', 'client'])('a fatal close, as %s, reaches the peer as the fatal alert of the key holder', async (role) => {
  const our = new OurPeer({ role, certificate: ours, remoteFingerprints: [theirs.fingerprint] });
  const peerRole = role === 'server' ? 'client' : 'server';
  const peer = new OurPeer({ role: peerRole, certificate: theirs, remoteFingerprints: [ours.fingerprint] });
  link(our, peer);
  our.association.start();
  peer.association.start();
  await eventually(() => expect([our.connects, peer.connects]).toEqual([1, 1]));

  our.association.close({ fatal: true });
  await eventually(() => expect(peer.closed).toEqual(['the peer has ended the DTLS association with the fatal alert user_canceled']));
  expect(our.closed).toEqual([]);
});

test('a flight that stays unanswered is sent again, ever more seldom, in records of their own', async () => {
  const clock = new FakeClock();
  const our = ourPeer('client', { clock });
  our.association.start();
  const sentAt: number[] = [];
  our.output = () => sentAt.push(clock.monotonic());
  await clock.advance(29_999);

  expect(sentAt).toEqual([150, 450, 1050, 2250, 4650, 7650, 10_650, 13_650, 16_650, 19_650, 22_650, 25_650, 28_650]);
  const sequences = our.sent.flatMap((datagram) => parseRecords(datagram).records).map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.map((_, index) => index));
  await clock.advance(1);
  expect(our.closed).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test('after close nothing is sent, and nothing is taken', async () => {
  const clock = new FakeClock();
  const our = ourPeer('client', { clock });
  our.association.start();
  our.association.close();
  our.association.close({ fatal: true });
  our.association.sendData(Buffer.from('late'));
  our.receive(plaintextRecord(CONTENT_TYPE.handshake, Buffer.alloc(40)));

  expect(clock.pending).toBe(0);
  expect(our.sent).toHaveLength(1);
  expect(our.association.dropped).toEqual({ unsendable: 1 });
});

test('a server asks for no cookie, answers in one datagram, and says the same when it is asked again', async () => {
  const our = ourPeer('server');
  const stock = stockPeer('client');
  link(our, stock, { aToB: () => [] });
  stock.connect();
  await eventually(() => expect(our.sent).toHaveLength(1));
  our.receive(stock.sent[0]!);

  expect(our.sent).toHaveLength(2);
  const [first, second] = our.sent.map((datagram) => parseRecords(datagram).records.map(({ fragment }) => fragment));
  const { serverHello, certificate, serverKeyExchange, certificateRequest, serverHelloDone } = HANDSHAKE_TYPE;
  expect(first?.map((content) => content[0])).toEqual([serverHello, certificate, serverKeyExchange, certificateRequest, serverHelloDone]);
  expect(second).toEqual(first);
});

test('a server that is connected no longer waits for anything', async () => {
  const { our, clock } = await connected();
  const sentBefore = our.sent.length;
  await clock.advance(60_000);
  expect(our.sent).toHaveLength(sentBefore);
});

test('a peer that has spoken learns of a close during the handshake', async () => {
  const our = ourPeer('server');
  our.association.close();
  expect(our.sent).toEqual([]);

  const busy = ourPeer('server');
  const stock = stockPeer('client');
  link(busy, stock, { aToB: () => [] });
  stock.connect();
  await eventually(() => expect(busy.sent.length).toBeGreaterThan(0));
  busy.association.close();
  expect(busy.sent.at(-1)?.subarray(13)).toEqual(serializeAlert({ level: ALERT_LEVEL.fatal, description: ALERT.user_canceled }));
});

test('close_notify of the peer is answered and told once', async () => {
  const { our, stock } = await connected();
  const sentBefore = our.sent.length;
  const closeNotify = serializeAlert({ level: ALERT_LEVEL.warning, description: ALERT.close_notify });
  our.receive(stock.seal(CONTENT_TYPE.alert, closeNotify));
  our.receive(stock.seal(CONTENT_TYPE.alert, closeNotify));

  expect(our.closed).toEqual(['the peer has closed the DTLS association (close_notify)']);
  expect(our.sent).toHaveLength(sentBefore + 1);
  await eventually(() => expect(stock.closes).toBe(1));
});

test('other warnings leave the association open', async () => {
  const { our, stock } = await connected();
  our.receive(stock.seal(CONTENT_TYPE.alert, serializeAlert({ level: 1, description: ALERT.no_renegotiation })));
  our.receive(stock.seal(CONTENT_TYPE.alert, Buffer.from([1])));
  stock.send('still here');
  await eventually(() => expect(our.data).toEqual(['still here']));
  expect(our.association.dropped).toEqual({ malformed: 1 });
});

test('the final flight is sent again when the client repeats its own', async () => {
  const our = ourPeer('server');
  const stock = stockPeer('client');
  let toLose = 2;
  const loseFinished = (datagram: Buffer) => (isFinished(datagram) && toLose-- > 0 ? [] : [datagram]);
  link(our, stock, { aToB: loseFinished });
  stock.connect();

  await eventually(() => expect(our.connects).toBe(1));
  expect(stock.connects).toBe(0);
  await eventually(() => expect(stock.connects).toBe(1));
  expect(toLose).toBeLessThan(0);
  expect(our.connects).toBe(1);
});

test('repeated flights are answered a bounded number of times', async () => {
  const { our, stock } = await connected();
  const finished = stock.sent.findLast(isFinished)!;
  const sentBefore = our.sent.length;
  for (let i = 0; i < 200; i++) our.receive(finished);

  expect(our.sent.length - sentBefore).toBeLessThanOrEqual(2 * 64);
  expect(our.sent.length).toBeGreaterThan(sentBefore);
  expect(our.association.dropped.overflow).toBeGreaterThanOrEqual(200 - 64);
});

test('data that overtakes the Finished is held and delivered in order', async () => {
  const our = ourPeer('server');
  const stock = stockPeer('client');
  let finished: Buffer | undefined;
  const holdFinished = (datagram: Buffer) => {
    if (!isFinished(datagram) || finished) return [datagram];
    finished = datagram;
    return [];
  };
  link(our, stock, { bToA: holdFinished });
  stock.connect();
  await eventually(() => expect(finished).toBeDefined());
  our.receive(stock.seal(CONTENT_TYPE.applicationData, Buffer.from('early')));
  await settle();
  expect(our.data).toEqual([]);

  our.receive(finished!);
  await eventually(() => expect(our.data).toEqual(['early']));
  expect(our.connects).toBe(1);
});

test('data over one record, or before the handshake, is not sent', async () => {
  const early = ourPeer('server');
  early.association.sendData(Buffer.from('early'));
  expect(early.sent).toEqual([]);
  expect(early.association.dropped).toEqual({ unsendable: 1 });

  const { our, stock } = await connected();
  our.association.sendData(Buffer.alloc(16_385));
  our.association.sendData(Buffer.alloc(16_384, 'x'));
  await eventually(() => expect(stock.data.map((text) => text.length)).toEqual([16_384]));
  expect(our.association.dropped).toEqual({ unsendable: 1 });
});
