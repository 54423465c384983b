import { systemClock } from '@sluice/core';
import { test } from 'vitest';
import { createDtlsCertificate } from './index.ts';
import { OurPeer, type Peer, StockPeer, eventually, link } from './peers.test.util.ts';

const DEADLINE_MS = 20_000;
const TEST_TIMEOUT_MS = DEADLINE_MS + 5000;
const ours = await createDtlsCertificate();
const theirs = await createDtlsCertificate();

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Loses 20 %, doubles 20 %, and lets 30 % be overtaken by what is sent within the next 20 ms. */
function badNetworkTo(peer: Peer, seed: number): (datagram: Buffer) => void {
  const random = randomNumbers(seed);
  return (datagram) => {
    if (random() < 0.2) return;
    const copy = Buffer.from(datagram);
    const copies = random() < 0.2 ? 2 : 1;
    const delayMs = random() < 0.3 ? 20 * random() : 0;
    for (let i = 0; i < copies; i++) setTimeout(() => peer.receive(copy), delayMs);
  };
}

const SEEDS = [1, 2, 3, 4, 5, 6];

test.concurrent.for(SEEDS)('two of our own connect over a bad network, seed %i', { timeout: TEST_TIMEOUT_MS }, async (seed, { expect, onTestFinished }) => {
  const server = new OurPeer({ role: 'server', certificate: ours, remoteFingerprints: [theirs.fingerprint], clock: systemClock });
  const client = new OurPeer({ role: 'client', certificate: theirs, remoteFingerprints: [ours.fingerprint], clock: systemClock });
  onTestFinished(() => {
    server.association.close();
    client.association.close();
  });
  server.output = badNetworkTo(client, seed);
  client.output = badNetworkTo(server, seed + 1000);
  server.association.start();
  client.association.start();

  await eventually(() => {
    expect([server.connects, client.connects, ...server.closed, ...client.closed]).toEqual([1, 1]);
  }, DEADLINE_MS);
  expect(client.keys?.localKey).toEqual(server.keys?.remoteKey);
});

// Towards werift nothing is lost: it derives new keys from a repeated ClientKeyExchange, and goes on without a lost CertificateRequest.
test.concurrent.for(SEEDS)('werift connects over a bad network towards us, seed %i', { timeout: TEST_TIMEOUT_MS }, async (seed, { expect, onTestFinished }) => {
  const our = new OurPeer({ role: 'server', certificate: ours, remoteFingerprints: [theirs.fingerprint], clock: systemClock });
  const stock = new StockPeer('client', theirs);
  onTestFinished(() => {
    our.association.close();
    stock.stop();
  });
  link(our, stock);
  stock.output = badNetworkTo(our, seed);
  our.association.start();
  stock.connect();

  await eventually(() => expect([our.connects, stock.connects > 0]).toEqual([1, true]), DEADLINE_MS);
  expect(our.keys?.localKey).toEqual(stock.socket.extractSessionKeys(16, 12).remoteKey);
});

test.concurrent.for(SEEDS)('we connect to werift over a bad network towards us, seed %i', { timeout: TEST_TIMEOUT_MS }, async (seed, { expect, onTestFinished }) => {
  const our = new OurPeer({ role: 'client', certificate: ours, remoteFingerprints: [theirs.fingerprint], clock: systemClock });
  const stock = new StockPeer('server', theirs);
  onTestFinished(() => {
    our.association.close();
    stock.stop();
  });
  link(our, stock);
  stock.output = badNetworkTo(our, seed);
  our.association.start();

  await eventually(() => expect([our.connects, stock.connects > 0]).toEqual([1, true]), DEADLINE_MS);
  expect(our.keys?.localKey).toEqual(stock.socket.extractSessionKeys(16, 12).remoteKey);
});
