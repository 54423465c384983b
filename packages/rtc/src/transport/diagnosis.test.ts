import { receiveCapabilities } from '@sluice/core';
import { MemoryLogger } from '@sluice/core/testing';
import { LoopbackPeer } from '@sluice/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { type SluiceEngine, createRtcEngine } from '../engine.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };
const DEAD_END = '1 1 udp 2130706431 192.0.2.9 9 typ host';

let engine: SluiceEngine | undefined;
let peer: LoopbackPeer | undefined;

afterEach(async () => {
  await peer?.close();
  await engine?.close();
});

it('says of a connected peer which way it takes and how it came about', async () => {
  engine = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'] });
  peer = new LoopbackPeer({ direction: 'sendonly', kinds: ['audio'] });
  const transport = engine.createTransport();
  await peer.acceptAnswer(await transport.answer(await peer.createOffer(), receiveCapabilities()));
  await vi.waitUntil(() => transport.state === 'connected' && transport.diagnosis().pair?.nominated, DEADLINE);

  const { state, reason, startedAt, connectedAt, localCandidates, remoteCandidates, checks, pair, dtls } = transport.diagnosis();
  expect({ state, reason }).toEqual({ state: 'connected', reason: undefined });
  expect(connectedAt).toBeGreaterThanOrEqual(startedAt);
  expect(localCandidates).toContainEqual({ protocol: 'udp', address: '127.0.0.1', port: engine.port, type: 'host' });
  expect(remoteCandidates).toContainEqual({ protocol: 'udp', address: '127.0.0.1', port: pair?.remote.port, type: 'host' });
  expect(checks).toContainEqual(expect.objectContaining({ ...pair?.remote, protocol: 'udp', nominated: true, refused: {} }));
  expect(pair).toMatchObject({ protocol: 'udp', local: { port: engine.port }, moves: 0 });
  expect(dtls).toMatchObject({ state: 'connected', role: 'server', connectedAt });
  expect(dtls.datagramsReceived).toBeGreaterThan(0);
  expect(engine.stats()).toMatchObject({ transports: 1, refusalsSent: 0 });
  expect(engine.stats().delivered).toBeGreaterThan(0);
});

it('says after the end why a peer never came, what it offered, and no more than it may keep', async () => {
  const logger = new MemoryLogger();
  engine = await createRtcEngine({ port: 0, addresses: ['127.0.0.1'], connectTimeoutMs: 100, maxDiagnosisEntries: 3, logger });
  peer = new LoopbackPeer({ direction: 'sendonly', kinds: ['audio'] });
  const transport = engine.createTransport();
  const offer = await peer.createOffer();
  const offered = new Set(offer.match(/^a=candidate:.*$/gm)?.map((line) => line.split(' ').slice(2, 6).join(' '))).size;
  await transport.answer(offer, receiveCapabilities());
  expect(transport.diagnosis().reason).toContain('no connectivity check came from it');
  for (let port = 1; port <= 5; port++) transport.addRemoteCandidate({ candidate: DEAD_END.replace(' 9 ', ` ${port} `) });
  transport.addRemoteCandidate({ candidate: DEAD_END.replace(' 9 ', ' 1 ') });

  await vi.waitUntil(() => transport.state === 'closed', DEADLINE);
  const { state, reason, closedAt, remoteCandidates, unlisted, dtls, pair } = transport.diagnosis();
  expect({ state, pair }).toEqual({ state: 'closed', pair: undefined });
  expect(reason).toContain('no connectivity check came from it');
  expect(closedAt).toBeTypeOf('number');
  expect(dtls).toMatchObject({ state: 'waiting', firstAt: undefined });
  expect(remoteCandidates).toHaveLength(3);
  expect(unlisted.remoteCandidates).toBeGreaterThanOrEqual(offered + 5 - 3);
  expect(logger.lines).toContainEqual(expect.objectContaining({ message: 'A peer did not connect' }));
});
