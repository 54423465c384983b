import { describe, expect, it } from 'vitest';
import { PacketStatus, RtcpPacketConverter, RtcpTransportLayerFeedback, RunLengthChunk, TransportWideCC } from 'werift';
import { TransportFeedback } from './transport-feedback.ts';

/** As another implementation reads it. */
function read(packet: Buffer | undefined): TransportWideCC {
  const [rtcp] = RtcpPacketConverter.deSerialize(packet ?? Buffer.alloc(0));
  if (rtcp instanceof RtcpTransportLayerFeedback && rtcp.feedback instanceof TransportWideCC) return rtcp.feedback;
  throw new Error('no transport-wide feedback');
}

/** Arrival times from the first sequence number on, milliseconds; its `packetResults` misread more than one chunk. */
function arrivals(packet: Buffer | undefined): (number | undefined)[] {
  const { packetChunks, recvDeltas, referenceTime } = read(packet);
  let time = referenceTime * 64;
  const statuses = packetChunks.flatMap((chunk) => (chunk instanceof RunLengthChunk ? Array.from({ length: chunk.runLength }, () => chunk.packetStatus) : []));
  return statuses.map((status) => (status === PacketStatus.TypeTCCPacketNotReceived ? undefined : (time += (recvDeltas.shift()?.delta ?? 0) / 1000)));
}

describe('transport-wide feedback', () => {
  it('says when each packet came, and which did not', () => {
    const feedback = new TransportFeedback();
    feedback.add(65_534, 640);
    feedback.add(65_535, 641.5);
    feedback.add(1, 800);
    const packet = feedback.take(1, 2);
    expect(read(packet).baseSequenceNumber).toBe(65_534);
    expect(arrivals(packet)).toEqual([640, 641.5, undefined, 800]);
  });

  it('reports each arrival once, and counts its reports', () => {
    const feedback = new TransportFeedback();
    feedback.add(1, 10);
    expect(read(feedback.take(1, 2)).fbPktCount).toBe(0);
    expect(feedback.take(1, 2)).toBeUndefined();
    feedback.add(2, 20);
    expect(read(feedback.take(1, 2)).fbPktCount).toBe(1);
  });

  it('splits a run that is longer than its field', () => {
    const feedback = new TransportFeedback();
    feedback.add(0, 1);
    feedback.add(10_000, 2);
    const packet = feedback.take(1, 2);
    expect(packet?.readUInt16BE(14)).toBe(10_001);
    expect(packet?.readUInt16BE(20)).toBe((1 << 13) | 1);
    expect(packet?.readUInt16BE(22)).toBe(0x1fff);
    expect(packet?.readUInt16BE(24)).toBe(9_999 - 0x1fff);
  });

  it('leaves out what came out of order', () => {
    const feedback = new TransportFeedback();
    for (const [sequence, at] of [[5, 1], [7, 2], [6, 3]] as const) feedback.add(sequence, at);
    expect(arrivals(feedback.take(1, 2))).toEqual([1, undefined, 2]);
  });
});
