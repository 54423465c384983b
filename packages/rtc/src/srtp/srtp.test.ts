import { createHmac, randomBytes, randomFillSync } from 'node:crypto';
import fc from 'fast-check';
import { RtpHeader, SrtcpSession, SrtpSession } from 'werift';
import { describe, expect, it } from 'vitest';
import { SRTP_PROFILES, type SrtpProfile } from './profiles.ts';
import { deriveSrtpKeys } from './session-keys.ts';
import { SrtpReceiver } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';

const SSRC = 0xdeadbeef;
const PROFILES: readonly SrtpProfile[] = ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'];

function masterKeys(profile: SrtpProfile): { key: Buffer; salt: Buffer } {
  return { key: randomBytes(SRTP_PROFILES[profile].keyBytes), salt: randomBytes(SRTP_PROFILES[profile].saltBytes) };
}

function createPair(profile: SrtpProfile, maxSsrcs?: number): { sender: SrtpSender; receiver: SrtpReceiver; key: Buffer; salt: Buffer } {
  const { key, salt } = masterKeys(profile);
  return { sender: new SrtpSender(profile, key, salt), receiver: new SrtpReceiver(profile, key, salt, { maxSsrcs }), key, salt };
}

/** An RTP packet with random payload; only the low 16 bits of `index` are in it. */
function rtp(index: number, options: { readonly ssrc?: number; readonly extension?: boolean; readonly bytes?: number } = {}): Buffer {
  const packet = Buffer.alloc(options.bytes ?? 212);
  packet[0] = options.extension ? 0x90 : 0x80;
  packet[1] = 96;
  packet.writeUInt16BE(index & 0xffff, 2);
  packet.writeUInt32BE(options.ssrc ?? SSRC, 8);
  if (options.extension) packet.write('bede000110070000', 12, 'hex');
  randomFillSync(packet, options.extension ? 20 : 12);
  return packet;
}

function senderReport(ssrc = SSRC): Buffer {
  const packet = randomBytes(28);
  packet.writeUInt32BE(0x80c80006, 0);
  packet.writeUInt32BE(ssrc, 4);
  return packet;
}

function flipBit(packet: Buffer, bit: number): Buffer {
  const changed = Buffer.from(packet);
  changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
  return changed;
}

describe.each(PROFILES)('%s with werift at the other end', (profile) => {
  const { key, salt } = masterKeys(profile);
  const keys = { localMasterKey: key, localMasterSalt: salt, remoteMasterKey: key, remoteMasterSalt: salt };
  const config = { keys, profile: SRTP_PROFILES[profile].dtlsId };

  it.each([false, true])('exchanges RTP, header extension: %s', (extension) => {
    const werift = new SrtpSession(config);
    const packet = rtp(1000, { extension });
    const header = RtpHeader.deSerialize(packet);

    const byWerift = werift.encrypt(packet.subarray(header.payloadOffset), header);

    expect(new SrtpReceiver(profile, key, salt).unprotectRtp(byWerift)).toEqual(packet);
    expect(werift.decrypt(new SrtpSender(profile, key, salt).protectRtp(packet))).toEqual(packet);
  });

  it('exchanges RTP over a wrap', () => {
    const [theirs, sender, receiver] = [new SrtpSession(config), new SrtpSender(profile, key, salt), new SrtpReceiver(profile, key, salt)];
    for (let index = 65_530; index < 65_540; index++) {
      const packet = rtp(index);
      const header = RtpHeader.deSerialize(packet);
      expect(receiver.unprotectRtp(theirs.encrypt(packet.subarray(header.payloadOffset), header))).toEqual(packet);
      expect(theirs.decrypt(sender.protectRtp(packet))).toEqual(packet);
    }
  });

  it('exchanges RTCP', () => {
    const werift = new SrtcpSession(config);
    const packet = senderReport();

    expect(new SrtpReceiver(profile, key, salt).unprotectRtcp(werift.encrypt(packet))).toEqual(packet);
    expect(werift.decrypt(new SrtpSender(profile, key, salt).protectRtcp(packet))).toEqual(packet);
  });
});

describe.each(PROFILES)('%s rollover', (profile) => {
  it('survives wraps with losses and reordering', () => {
    const { sender, receiver } = createPair(profile);
    const indexes = Array.from({ length: 2000 }, (_, i) => 65_000 + i * 97);
    const packets = indexes.map((index) => rtp(index, { bytes: 40 }));
    const wire = packets.map((packet) => sender.protectRtp(packet));
    const order = indexes.map((_, i) => (i % 7 === 6 ? i - 3 : i)).filter((i) => i % 11 !== 5);

    for (const i of new Set(order)) expect(receiver.unprotectRtp(wire[i]!)).toEqual(packets[i]);
    expect(receiver.counters).toMatchObject({ notAuthentic: 0, replayed: 0 });
  });

  it.each([1, 500, 32_766])('survives a gap of %i packets over a wrap', (gap) => {
    const { sender, receiver } = createPair(profile);
    const before = rtp(65_530);
    const lost = Array.from({ length: gap }, (_, i) => 65_531 + i);
    const after = rtp(65_531 + gap);

    expect(receiver.unprotectRtp(sender.protectRtp(before))).toEqual(before);
    for (const index of lost.filter((_, i) => i % 100 === 0)) sender.protectRtp(rtp(index, { bytes: 16 }));
    expect(receiver.unprotectRtp(sender.protectRtp(after))).toEqual(after);
  });

  it('takes packets of before the wrap after it', () => {
    const { sender, receiver } = createPair(profile);
    const [early, late, next] = [rtp(65_535), rtp(65_536), rtp(65_537)];
    const [earlyWire, lateWire, nextWire] = [early, late, next].map((packet) => sender.protectRtp(packet));

    expect(receiver.unprotectRtp(sender.protectRtp(rtp(65_534)))).toBeDefined();
    expect(receiver.unprotectRtp(lateWire!)).toEqual(late);
    expect(receiver.unprotectRtp(earlyWire!)).toEqual(early);
    expect(receiver.unprotectRtp(nextWire!)).toEqual(next);
  });

  it('takes packets that are a thousand late', () => {
    const { sender, receiver } = createPair(profile);
    const late = rtp(40_000);
    const lateWire = sender.protectRtp(late);
    expect(receiver.unprotectRtp(sender.protectRtp(rtp(41_000)))).toBeDefined();
    expect(receiver.unprotectRtp(lateWire)).toEqual(late);
  });

  it('joins a stream whose first packets and wrap were lost', () => {
    const { sender, receiver } = createPair(profile);
    for (const index of [65_534, 65_535]) sender.protectRtp(rtp(index));
    const [first, earlier] = [rtp(65_540), rtp(65_538)];
    const earlierWire = sender.protectRtp(earlier);

    expect(receiver.unprotectRtp(sender.protectRtp(first))).toEqual(first);
    expect(receiver.unprotectRtp(earlierWire)).toEqual(earlier);
  });

  it('sends an older packet again as it was, also across a wrap', () => {
    const { sender } = createPair(profile);
    const packet = rtp(65_533);
    const wire = sender.protectRtp(packet);
    for (const index of [65_535, 65_536, 65_540]) sender.protectRtp(rtp(index));

    expect(sender.protectRtp(packet)).toEqual(wire);
  });

  it('goes on from the newest packet after an old one was sent again', () => {
    const { sender, receiver } = createPair(profile);
    for (const index of [10_000, 40_000]) expect(receiver.unprotectRtp(sender.protectRtp(rtp(index)))).toBeDefined();
    sender.protectRtp(rtp(10_000));
    const next = rtp(43_000);
    expect(receiver.unprotectRtp(sender.protectRtp(next))).toEqual(next);
  });

  it('keeps a rollover counter per SSRC', () => {
    const { sender, receiver } = createPair(profile);
    for (const index of [65_535, 65_536, 65_537]) expect(receiver.unprotectRtp(sender.protectRtp(rtp(index)))).toBeDefined();
    const other = rtp(65_535, { ssrc: 5 });
    expect(receiver.unprotectRtp(sender.protectRtp(other))).toEqual(other);
  });

  it('refuses to send what is before the beginning of a stream', () => {
    const { sender } = createPair(profile);
    sender.protectRtp(rtp(3));
    expect(() => sender.protectRtp(rtp(65_535))).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});

describe.each(PROFILES)('%s attacks', (profile) => {
  it('refuses replays of RTP, however old', () => {
    const { sender, receiver } = createPair(profile);
    const wire = Array.from({ length: 3000 }, (_, i) => sender.protectRtp(rtp(i, { bytes: 20 })));
    const replay = (): number => wire.filter((packet) => receiver.unprotectRtp(packet)).length;

    expect(replay()).toBe(3000);
    expect(replay()).toBe(0);
    expect(receiver.counters).toMatchObject({ accepted: 3000, replayed: 3000 });
  });

  it('refuses replays of RTCP', () => {
    const { sender, receiver } = createPair(profile);
    const [first, second] = [senderReport(), senderReport()];
    const [firstWire, secondWire] = [sender.protectRtcp(first), sender.protectRtcp(second)];

    expect(receiver.unprotectRtcp(secondWire)).toEqual(second);
    expect(receiver.unprotectRtcp(firstWire)).toEqual(first);
    expect(receiver.unprotectRtcp(secondWire)).toBeUndefined();
    expect(receiver.counters.replayed).toBe(1);
  });

  it('refuses a packet with any bit changed, and still takes the real one', () => {
    const { sender, receiver } = createPair(profile);
    const [packet, report] = [rtp(1000, { bytes: 30, extension: true }), senderReport()];
    const [srtp, srtcp] = [sender.protectRtp(packet), sender.protectRtcp(report)];

    for (let bit = 0; bit < srtp.length * 8; bit++) expect(receiver.unprotectRtp(flipBit(srtp, bit))).toBeUndefined();
    for (let bit = 0; bit < srtcp.length * 8; bit++) expect(receiver.unprotectRtcp(flipBit(srtcp, bit))).toBeUndefined();

    expect(receiver.unprotectRtp(srtp)).toEqual(packet);
    expect(receiver.unprotectRtcp(srtcp)).toEqual(report);
  });

  it('keeps its rollover counter when forged sequence numbers jump', () => {
    const { sender, receiver } = createPair(profile);
    expect(receiver.unprotectRtp(sender.protectRtp(rtp(1000)))).toBeDefined();
    for (const index of [0, 33_000, 65_535]) expect(receiver.unprotectRtp(rtp(index))).toBeUndefined();
    const next = rtp(1001);
    expect(receiver.unprotectRtp(sender.protectRtp(next))).toEqual(next);
  });

  it('keeps its streams when forged packets bring new SSRCs', () => {
    const { sender, receiver } = createPair(profile, 2);
    const wire = sender.protectRtp(rtp(65_535));
    expect(receiver.unprotectRtp(wire)).toBeDefined();
    expect(receiver.unprotectRtp(sender.protectRtp(rtp(65_536)))).toBeDefined();
    for (let ssrc = 0; ssrc < 100; ssrc++) {
      expect(receiver.unprotectRtp(rtp(0, { ssrc }))).toBeUndefined();
      expect(receiver.unprotectRtcp(Buffer.concat([senderReport(ssrc), randomBytes(20)]))).toBeUndefined();
    }
    expect(receiver.unprotectRtp(wire)).toBeUndefined();
    expect(receiver.counters.replayed).toBe(1);
  });

  it('keeps the streams that are in use when the peer itself brings many SSRCs', () => {
    const { sender, receiver } = createPair(profile, 2);
    const wire = sender.protectRtp(rtp(1));
    expect(receiver.unprotectRtp(wire)).toBeDefined();
    for (let ssrc = 0; ssrc < 10; ssrc++) {
      expect(receiver.unprotectRtp(sender.protectRtp(rtp(1, { ssrc })))).toBeDefined();
      expect(receiver.unprotectRtp(sender.protectRtp(rtp(ssrc + 2)))).toBeDefined();
    }
    expect(receiver.unprotectRtp(wire)).toBeUndefined();
  });

  it('refuses every truncation', () => {
    const { sender, receiver } = createPair(profile);
    const [srtp, srtcp] = [sender.protectRtp(rtp(1, { extension: true, bytes: 40 })), sender.protectRtcp(senderReport())];
    for (let length = 0; length < srtp.length; length++) expect(receiver.unprotectRtp(srtp.subarray(0, length))).toBeUndefined();
    for (let length = 0; length < srtcp.length; length++) expect(receiver.unprotectRtcp(srtcp.subarray(0, length))).toBeUndefined();
  });

  it('refuses what is shorter than a tag', () => {
    const { receiver } = createPair(profile);
    for (let bytes = 0; bytes < 40; bytes++) {
      expect(receiver.unprotectRtp(Buffer.alloc(bytes, 0x80))).toBeUndefined();
      expect(receiver.unprotectRtcp(Buffer.alloc(bytes, 0x80))).toBeUndefined();
    }
  });

  it('answers any bytes with undefined', () => {
    const { receiver } = createPair(profile);
    const bytes = fc.tuple(fc.integer({ min: 0x70, max: 0xcf }), fc.uint8Array({ maxLength: 120 })).map(([first, rest]) => Buffer.from([first, ...rest]));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 40 }).map((rest) => Buffer.from(rest))), (packet) => {
        expect(receiver.unprotectRtp(packet)).toBeUndefined();
        expect(receiver.unprotectRtcp(packet)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('round-trips any packet without changing it', () => {
    const { sender, receiver } = createPair(profile);
    let index = 100;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1400 }), (payload) => {
        const packet = Buffer.concat([rtp(index++, { bytes: 12 }), payload]);
        const before = Buffer.from(packet);
        const wire = sender.protectRtp(packet);
        expect(wire).toHaveLength(packet.length + SRTP_PROFILES[profile].tagBytes);
        expect(receiver.unprotectRtp(wire)).toEqual(before);
        expect(packet).toEqual(before);
      }),
    );
  });
});

describe('SrtpReceiver', () => {
  it('takes authentic SRTCP that is not encrypted', () => {
    const { receiver, key, salt } = createPair('AES_CM_128_HMAC_SHA1_80');
    const report = senderReport();
    const authenticated = Buffer.concat([report, Buffer.from([0, 0, 0, 9])]);
    const { authKey } = deriveSrtpKeys('AES_CM_128_HMAC_SHA1_80', key, salt).rtcp;
    const tag = createHmac('sha1', authKey).update(authenticated).digest().subarray(0, 10);

    expect(receiver.unprotectRtcp(Buffer.concat([authenticated, flipBit(tag, 0)]))).toBeUndefined();
    expect(receiver.unprotectRtcp(Buffer.concat([authenticated, tag]))).toEqual(report);
    expect(receiver.unprotectRtcp(Buffer.concat([authenticated, tag]))).toBeUndefined();
  });

  it('counts what it drops by reason', () => {
    const { sender, receiver } = createPair('AEAD_AES_128_GCM');
    const wire = sender.protectRtp(rtp(1));
    for (const packet of [wire, wire, flipBit(sender.protectRtp(rtp(2)), 200), Buffer.from([1])]) receiver.unprotectRtp(packet);
    expect(receiver.counters).toEqual({ accepted: 1, malformed: 1, replayed: 1, notAuthentic: 1 });
  });
});

describe('SrtpSender', () => {
  it.each([Buffer.alloc(0), Buffer.alloc(11, 0x80), Buffer.alloc(40)])('refuses what is no RTP packet', (packet) => {
    const { sender } = createPair('AEAD_AES_128_GCM');
    expect(() => sender.protectRtp(packet)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });

  it('refuses what is no RTCP packet', () => {
    const { sender } = createPair('AEAD_AES_128_GCM');
    expect(() => sender.protectRtcp(Buffer.alloc(7))).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
