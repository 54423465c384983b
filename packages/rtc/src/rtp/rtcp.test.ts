import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GenericNack as OracleNack,
  PictureLossIndication as OraclePli,
  ReceiverEstimatedMaxBitrate as OracleRemb,
  RtcpPacketConverter,
  RtcpPayloadSpecificFeedback,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
} from 'werift';
import type { ReportBlock } from './rtcp-packets.ts';
import { parseRtcp } from './rtcp-parse.ts';
import {
  joinCompound,
  writeBye,
  writeFir,
  writeNack,
  writePli,
  writeReceiverReferenceTime,
  writeReceiverReport,
  writeRemb,
  writeSdes,
  writeSenderReport,
} from './rtcp-write.ts';

const REPORT: ReportBlock = {
  ssrc: 0xfedcba98,
  fractionLost: 17,
  packetsLost: -5,
  extendedHighestSequence: 0x0001_ffff,
  jitter: 480,
  lastSenderReport: 0xb705_2000,
  delaySinceLastSenderReport: 0x0005_4000,
};
const SENDER_REPORT = {
  ssrc: 0xcafebabe,
  ntpTimestamp: 0xb44d_b705_2000_0000n,
  rtpTimestamp: 0xffff_fff0,
  packetCount: 1234,
  octetCount: 567_890,
  reports: [REPORT],
};

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function manyReports(count: number): ReportBlock[] {
  return Array.from({ length: count }, (_, index) => ({ ...REPORT, ssrc: index }));
}

describe('RTCP writers and parser', () => {
  it('round-trip a sender report', () => {
    expect(parseRtcp(writeSenderReport(SENDER_REPORT))).toEqual([{ type: 'sender-report', ...SENDER_REPORT }]);
  });

  it('round-trip a receiver report, an empty one too', () => {
    expect(parseRtcp(writeReceiverReport(7, [REPORT, { ...REPORT, packetsLost: 0x7f_ffff }]))).toEqual([
      { type: 'receiver-report', ssrc: 7, reports: [REPORT, { ...REPORT, packetsLost: 0x7f_ffff }] },
    ]);
    expect(parseRtcp(writeReceiverReport(7, []))).toEqual([{ type: 'receiver-report', ssrc: 7, reports: [] }]);
  });

  it('put over 31 report blocks into further receiver reports (RFC 3550 section 6.1)', () => {
    const packets = parseRtcp(writeSenderReport({ ...SENDER_REPORT, reports: manyReports(70) }));
    expect(packets.map((packet) => packet.type)).toEqual(['sender-report', 'receiver-report', 'receiver-report']);
    const reports = packets.flatMap((packet) => ('reports' in packet ? packet.reports : []));
    expect(reports).toEqual(manyReports(70));
  });

  it.each(['', 'a', 'ab', 'abc', 'abcd', 'sluice@host', 'x'.repeat(255)])('round-trip the CNAME %j', (cname) => {
    const packet = writeSdes(5, cname);
    expect(packet.at(-1)).toBe(0);
    expect(parseRtcp(packet)).toEqual([{ type: 'sdes', chunks: [{ ssrc: 5, cname }] }]);
  });

  it('cut a CNAME to 255 bytes', () => {
    expect(parseRtcp(writeSdes(5, 'x'.repeat(300)))).toEqual([{ type: 'sdes', chunks: [{ ssrc: 5, cname: 'x'.repeat(255) }] }]);
  });

  it('round-trip BYE, PLI, FIR and REMB', () => {
    const compound = joinCompound([
      writeBye([1, 2, 0xffff_ffff]),
      writePli(3, 4),
      writeFir(5, [{ ssrc: 6, sequenceNumber: 255 }]),
      writeRemb({ senderSsrc: 7, bitrate: 4_000_000, ssrcs: [8, 9] }),
    ]);
    expect(parseRtcp(compound)).toEqual([
      { type: 'bye', ssrcs: [1, 2, 0xffff_ffff] },
      { type: 'pli', senderSsrc: 3, mediaSsrc: 4 },
      { type: 'fir', senderSsrc: 5, entries: [{ ssrc: 6, sequenceNumber: 255 }] },
      { type: 'remb', senderSsrc: 7, bitrate: 4_000_000, ssrcs: [8, 9] },
    ]);
  });

  it('ask for the round trip, and read the answers among other extended reports', () => {
    expect(writeReceiverReferenceTime(5, 0x0102_0304_0506_0708n).toString('hex')).toBe('80cf000400000005040000020102030405060708');
    const answered = Buffer.from('80cf000d 00000009 01000002 0000000000000000 05000006 0000000100000002 00000003 0000000400000005 00000006 04000001 deadbeef'.replaceAll(' ', ''), 'hex');
    expect(parseRtcp(answered)).toEqual([
      {
        type: 'extended-report',
        ssrc: 9,
        answers: [
          { ssrc: 1, lastReceiverReport: 2, delaySinceLastReceiverReport: 3 },
          { ssrc: 4, lastReceiverReport: 5, delaySinceLastReceiverReport: 6 },
        ],
      },
    ]);
    expect(parseRtcp(Buffer.from('80cf0002 00000009 05000003'.replaceAll(' ', ''), 'hex'))).toMatchObject([{ type: 'malformed' }]);
  });

  it('pack neighbours of a NACK into one entry, across the wrap', () => {
    const sequenceNumbers = [65_530, 65_535, 0, 10, 11, 28, 500];
    const packet = writeNack(1, 2, sequenceNumbers);
    expect(packet.toString('hex', 12)).toBe(['fffa8030', '000b0000', '001c0000', '01f40000'].join(''));
    expect(parseRtcp(packet)).toEqual([{ type: 'nack', senderSsrc: 1, mediaSsrc: 2, sequenceNumbers }]);
  });

  it('take a NACK in any order, with repetitions', () => {
    const sequenceNumbers = [5, 5, 4];
    expect(parseRtcp(writeNack(1, 2, sequenceNumbers))).toEqual([{ type: 'nack', senderSsrc: 1, mediaSsrc: 2, sequenceNumbers }]);
  });

  it('round-trip any NACK in the order of sending', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 100 }), (start, steps) => {
        let next = start;
        const sequenceNumbers = steps.map((step) => (next = (next + step) & 0xffff));
        expect(parseRtcp(writeNack(1, 2, sequenceNumbers))).toEqual([{ type: 'nack', senderSsrc: 1, mediaSsrc: 2, sequenceNumbers }]);
      }),
    );
  });

  it('write FIR as RFC 5104 section 4.3.1.1 draws it', () => {
    expect(writeFir(5, [{ ssrc: 6, sequenceNumber: 9 }]).toString('hex')).toBe('84ce000400000005000000000000000609000000');
  });

  it('keep 18 significant bits of a REMB bitrate, rounded down', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (bitrate) => {
        const [packet] = parseRtcp(writeRemb({ senderSsrc: 1, bitrate, ssrcs: [] }));
        const read = packet?.type === 'remb' ? packet.bitrate : Number.NaN;
        expect(read).toBeLessThanOrEqual(bitrate);
        expect(read).toBeGreaterThanOrEqual(Math.floor(bitrate) * (1 - 2 ** -17));
      }),
    );
  });

  it('refuse more sources than the packet can name', () => {
    expect(() => writeBye(Array.from({ length: 32 }, () => 1))).toThrow(RangeError);
    expect(() => writeRemb({ senderSsrc: 1, bitrate: 1, ssrcs: Array.from({ length: 256 }, () => 1) })).toThrow(RangeError);
  });
});

describe('RTCP beside another implementation', () => {
  const oracleReport = new RtcpReceiverInfo({
    ssrc: REPORT.ssrc,
    fractionLost: REPORT.fractionLost,
    packetsLost: 5,
    highestSequence: REPORT.extendedHighestSequence,
    jitter: REPORT.jitter,
    lsr: REPORT.lastSenderReport,
    dlsr: REPORT.delaySinceLastSenderReport,
  });
  const report = { ...REPORT, packetsLost: 5 };
  const senderInfo = new RtcpSenderInfo({
    ntpTimestamp: SENDER_REPORT.ntpTimestamp,
    rtpTimestamp: SENDER_REPORT.rtpTimestamp,
    packetCount: SENDER_REPORT.packetCount,
    octetCount: SENDER_REPORT.octetCount,
  });

  it('writes the same reports', () => {
    const { ssrc } = SENDER_REPORT;
    expect(writeSenderReport({ ...SENDER_REPORT, reports: [report] })).toEqual(
      new RtcpSrPacket({ ssrc, senderInfo, reports: [oracleReport] }).serialize(),
    );
    expect(writeReceiverReport(ssrc, [report])).toEqual(new RtcpRrPacket({ ssrc, reports: [oracleReport] }).serialize());
  });

  it('writes the same PLI', () => {
    const pli = new RtcpPayloadSpecificFeedback({ feedback: new OraclePli({ senderSsrc: 3, mediaSsrc: 4 }) });
    expect(writePli(3, 4)).toEqual(pli.serialize());
  });

  it('reads its NACK and has ours read', () => {
    const lost = [60_000, 60_001, 60_016, 60_017, 65_535];
    const nack = new OracleNack({ senderSsrc: 1, mediaSourceSsrc: 2, lost });
    expect(parseRtcp(nack.serialize())).toEqual([{ type: 'nack', senderSsrc: 1, mediaSsrc: 2, sequenceNumbers: lost }]);
    const [read] = RtcpPacketConverter.deSerialize(writeNack(1, 2, lost));
    expect(read).toBeInstanceOf(RtcpTransportLayerFeedback);
    expect((read as RtcpTransportLayerFeedback).feedback).toMatchObject({ senderSsrc: 1, mediaSourceSsrc: 2, lost });
  });

  it('has our SDES and REMB read', () => {
    const [sdes] = RtcpPacketConverter.deSerialize(writeSdes(5, 'sluice'));
    expect((sdes as RtcpSourceDescriptionPacket).chunks).toMatchObject([{ source: 5, items: [{ type: 1, text: 'sluice' }] }]);
    const [remb] = RtcpPacketConverter.deSerialize(writeRemb({ senderSsrc: 1, bitrate: 2_000_000, ssrcs: [9] }));
    const estimate = (remb as RtcpPayloadSpecificFeedback).feedback as OracleRemb;
    expect(Number(estimate.bitrate)).toBe(2_000_000);
    expect(estimate.ssrcFeedbacks).toEqual([9]);
  });
});

describe('parseRtcp', () => {
  it('reads SDES items of other types, several chunks, and a BYE with a reason', () => {
    const sdes = '82ca0006 00000001 0801 78 0102 6162 00 00000002 020131 0000000000';
    const bye = '81cb0002 00000003 03 627965';
    expect(parseRtcp(bytes(sdes + bye))).toEqual([
      {
        type: 'sdes',
        chunks: [
          { ssrc: 1, cname: 'ab' },
          { ssrc: 2, cname: undefined },
        ],
      },
      { type: 'bye', ssrcs: [3] },
    ]);
  });

  it('finds the next SDES chunk behind a whole word of zeros', () => {
    expect(parseRtcp(bytes('82ca0006 00000001 01026162 00000000 00000002 01026364 00000000'))).toEqual([
      {
        type: 'sdes',
        chunks: [
          { ssrc: 1, cname: 'ab' },
          { ssrc: 2, cname: 'cd' },
        ],
      },
    ]);
  });

  it('takes padding off the last packet', () => {
    const padded = bytes('a1cd0004 00000001 00000002 00050000 00000004');
    expect(parseRtcp(padded)).toEqual([{ type: 'nack', senderSsrc: 1, mediaSsrc: 2, sequenceNumbers: [5] }]);
  });

  it('names what it does not know', () => {
    expect(parseRtcp(bytes('80cc0001 00000001 83ce0002 00000001 00000002'))).toEqual([
      { type: 'unknown', packetType: 204, format: 0 },
      { type: 'unknown', packetType: 206, format: 3 },
    ]);
  });

  it.each([
    ['a cut header', '80c8'],
    ['another version', '00c90001 00000001'],
    ['a length past the end', '80c90002 00000001'],
    ['padding longer than the packet', 'a0c90001 000000ff'],
    ['padding of no length', 'a0c90001 00000000'],
    ['a sender report without its reports', '81c80006 00000001 00000000 00000000 00000000 00000000 00000000'],
    ['a receiver report without its SSRC', '80c90000'],
    ['SDES without its chunks', '82ca0002 00000001 01016100'],
    ['an SDES item past the end', '81ca0002 00000001 01036161'],
    ['a BYE without its sources', '82cb0001 00000001'],
    ['feedback without its SSRCs', '81ce0001 00000001'],
    ['REMB without its sources', '8fce0004 00000001 00000000 52454d42 02000000'],
  ])('calls %s malformed', (_, hex) => {
    expect(parseRtcp(bytes(hex)).map((packet) => packet.type)).toEqual(['malformed']);
  });

  it('keeps what came before a broken packet, and what follows one with a broken body', () => {
    const types = parseRtcp(joinCompound([writePli(1, 2), bytes('82cb0001 00000001'), writePli(3, 4), bytes('80')])).map(
      (packet) => packet.type,
    );
    expect(types).toEqual(['pli', 'malformed', 'pli', 'malformed']);
  });

  it('stops at the limits', () => {
    const plis = joinCompound(Array.from({ length: 40 }, () => writePli(1, 2)));
    expect(parseRtcp(plis).at(-1)?.type).toBe('malformed');
    expect(parseRtcp(plis)).toHaveLength(33);
    expect(parseRtcp(plis, { maxPackets: 40 })).toHaveLength(40);

    const nack = writeNack(1, 2, Array.from({ length: 60 }, (_, index) => index));
    const types = parseRtcp(joinCompound([nack, nack]), { maxSequenceNumbers: 100 }).map((packet) => packet.type);
    expect(types).toEqual(['nack', 'malformed']);
  });

  it('never throws and never gives more than the limits, whatever comes', () => {
    const header = fc
      .tuple(fc.integer({ min: 0x80, max: 0xbf }), fc.constantFrom(200, 201, 202, 203, 205, 206), fc.integer({ min: 0, max: 12 }))
      .map(([first, type, words]) => [first, type, 0, words]);
    const member = fc.tuple(header, fc.uint8Array({ maxLength: 48 })).map(([head, body]) => [...head, ...body]);
    const transportCc = fc
      .uint8Array({ minLength: 12, maxLength: 40 })
      .map((body) => [0x8f, 205, 0, 2 + (body.length >> 2), 0, 0, 0, 1, 0, 0, 0, 2, ...body]);
    const compound = fc.array(fc.oneof(member, transportCc), { maxLength: 6 }).map((members) => members.flat());
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }).map((data) => [...data]), compound), (data) => {
        const packets = parseRtcp(Buffer.from(data), { maxPackets: 4, maxSequenceNumbers: 1000 });
        expect(packets.length).toBeLessThanOrEqual(5);
        const named = packets.reduce((sum, packet) => {
          if (packet.type === 'nack') return sum + packet.sequenceNumbers.length;
          return packet.type === 'transport-cc' ? sum + packet.arrivals.length : sum;
        }, 0);
        expect(named).toBeLessThanOrEqual(1000);
      }),
      { numRuns: 3000 },
    );
  });
});
