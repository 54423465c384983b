import { randomBytes } from 'node:crypto';
import { type RtcTransport, receiveCapabilities } from '@sluice/core';
import { LoopbackPeer } from '@sluice/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ALERT, ALERT_LEVEL } from '../dtls/alert.ts';
import { CONTENT_TYPE, DTLS_1_2, serializeRecord } from '../dtls/record.ts';
import { type SluiceEngine, createRtcEngine } from '../engine.ts';
import { joinCompound, writeBye, writeReceiverReport } from '../rtp/rtcp-write.ts';
import { TappedRelay, isMedia } from '../testing/tapped-relay.ts';
import { availableTiers } from '../testing/tiers.ts';

const DEADLINE = { timeout: 20_000, interval: 5 };
const AUDIO = { payload: Buffer.from('sound'), timestamp: 960 };
const PACKETS = 20;
/** What SRTCP has behind a packet: index and tag. */
const SRTCP_TRAILER_BYTES = 14;
const DATAGRAMS = 500;
const LONGEST_DATAGRAM = 65_507;

vi.setConfig({ testTimeout: 60_000 });

let engine: SluiceEngine;
let publisher: LoopbackPeer;
let relay: TappedRelay;
let transport: RtcTransport;

afterEach(async () => {
  relay.close();
  await publisher.close();
  await engine.close();
});

function received(): number {
  return transport.inbound[0]?.stats().packetsReceived ?? 0;
}

function dropped(reason: string): number {
  return transport.stats().dropped[reason] ?? 0;
}

function ssrc(): number {
  return relay.heard.find(isRtp)!.readUInt32BE(8);
}

/** RTCP has packet types from 192 to 223 where RTP has marker and payload type (RFC 5761 section 4). */
function isRtcp(datagram: Buffer): boolean {
  return isMedia(datagram) && datagram[1]! >= 192 && datagram[1]! <= 223;
}

function isRtp(datagram: Buffer): boolean {
  return isMedia(datagram) && !isRtcp(datagram);
}

async function sendUntil(done: () => boolean): Promise<void> {
  await vi.waitUntil(() => {
    publisher.send('audio', AUDIO);
    return done();
  }, DEADLINE);
}

/** The session goes on, which also shows that all that was sent before has been looked at. */
async function expectUnharmed(): Promise<void> {
  const start = received();
  await sendUntil(() => received() > start + 5);
  expect(transport.state).toBe('connected');
  expect(publisher.state).toBe('connected');
  expect(transport.diagnosis().pair).toMatchObject({ moves: 0, remote: { port: relay.port } });
}

describe.each(await availableTiers())('who puts the address of a peer on packets of their own, to an engine of the %s tier,', (tier) => {
  beforeEach(async () => {
    engine = await createRtcEngine({ tier, port: 0, addresses: ['127.0.0.1'] });
    publisher = new LoopbackPeer({ direction: 'sendonly', kinds: ['audio'] });
    relay = await TappedRelay.open(engine.port);
    transport = engine.createTransport();
    await publisher.acceptAnswer(relay.lead(await transport.answer(await publisher.createOffer(), receiveCapabilities())));
    await sendUntil(() => transport.diagnosis().pair?.nominated === true && received() > PACKETS && relay.heard.some(isRtcp));
  });

  it('gains nothing by RTP and RTCP that were sent before', async () => {
    const [rtp, rtcp] = [relay.heard.filter(isRtp), relay.heard.filter(isRtcp)];
    for (const datagram of [...rtp, ...rtcp]) relay.inject(datagram);
    await vi.waitUntil(() => dropped('rtpNotAccepted') >= rtp.length && dropped('rtcpNotAccepted') >= rtcp.length, DEADLINE);
    await expectUnharmed();
    expect(received()).toBeLessThanOrEqual(relay.heard.filter(isRtp).length);
  });

  it.each([
    ['close_notify', ALERT_LEVEL.warning, ALERT.close_notify],
    ['a fatal one', ALERT_LEVEL.fatal, ALERT.handshake_failure],
  ])('ends no session by an alert in the clear: %s', async (_name, level, description) => {
    const before = dropped('unauthenticated');
    relay.inject(serializeRecord({ contentType: CONTENT_TYPE.alert, version: DTLS_1_2, epoch: 0, sequence: 99, fragment: Buffer.from([level, description]) }));
    await vi.waitUntil(() => dropped('unauthenticated') > before, DEADLINE);
    await expectUnharmed();
  });

  it('ends no track by a BYE, in the clear or as SRTCP', async () => {
    const bye = joinCompound([writeReceiverReport(ssrc(), []), writeBye([ssrc()])]);
    for (const trailer of [Buffer.alloc(0), Buffer.alloc(SRTCP_TRAILER_BYTES), randomBytes(SRTCP_TRAILER_BYTES)]) relay.inject(Buffer.concat([bye, trailer]));
    await vi.waitUntil(() => dropped('rtcpNotAccepted') >= 3, DEADLINE);
    expect(transport.inbound.map(({ ended }) => ended)).toEqual([false]);
    await expectUnharmed();
  });

  it('harms nothing by packets that are cut off, too long or noise behind a real beginning', async () => {
    const heard = [relay.heard.find(isRtp)!, relay.heard.find(isRtcp)!, relay.heard.find(([first]) => first === CONTENT_TYPE.handshake)!];
    const datagrams = heard.flatMap((whole) => [
      ...Array.from(whole, (_, length) => whole.subarray(0, length)),
      Buffer.concat([whole, Buffer.alloc(LONGEST_DATAGRAM - whole.length, 0xff)]),
      ...Array.from({ length: DATAGRAMS }, (_, index) => Buffer.concat([whole.subarray(0, index % whole.length), randomBytes(index)])),
    ]);
    for (const [index, datagram] of datagrams.entries()) {
      relay.inject(datagram);
      if (index % 100 === 0) await expectUnharmed();
    }
    await expectUnharmed();
    expect(transport.inbound).toHaveLength(1);
    expect(dropped('rtpNotAccepted')).toBeGreaterThan(DATAGRAMS / 2);
    expect(dropped('rtcpNotAccepted')).toBeGreaterThan(DATAGRAMS / 2);
  });
});
