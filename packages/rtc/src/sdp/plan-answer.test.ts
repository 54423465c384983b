import {
  HEADER_EXTENSIONS,
  receiveCapabilities,
  sendCapabilities,
  sendReceiveCapabilities,
  type Codec,
  type MediaCapabilities,
} from '@sluice/core';
import { describe, expect, it } from 'vitest';

import type { AnswerPlan, NegotiatedSection } from './negotiated.ts';
import { parseOffer } from './parse-description.ts';
import { planAnswer, type PlanOptions } from './plan-answer.ts';
import { edit, readFixture, withVideo, withoutLines, type FixtureName } from './testing/fixtures.ts';

const OPUS: Codec = { name: 'opus', clockRate: 48_000, channels: 2, parameters: {} };
const VP8: Codec = { name: 'VP8', clockRate: 90_000, parameters: {} };
const H264: Codec = { name: 'H264', clockRate: 90_000, parameters: { 'packetization-mode': '1', 'profile-level-id': '42e01f' } };

function plan(name: FixtureName, capabilities: MediaCapabilities, options?: PlanOptions): AnswerPlan {
  return planAnswer(parseOffer(readFixture(name)), capabilities, options);
}

function codecList(section: NegotiatedSection | undefined): string[] {
  return (section?.codecs ?? []).map(({ payloadType, codec }) => `${payloadType} ${codec.name}`);
}

function directions(answer: AnswerPlan): string[] {
  return answer.sections.map((section) => (section.rejected ? 'rejected' : section.direction));
}

describe('planAnswer as receiver', () => {
  it('answers all codecs that both sides have, in our order', () => {
    const codecs = [{ name: 'AV1' }, { name: 'H264', parameters: { 'packetization-mode': '1' } }, { name: 'vp8' }];
    const capabilities = withVideo(receiveCapabilities(), { codecs });
    const { sections } = plan('chromium-publish', capabilities);
    expect(codecList(sections[0])).toEqual(['111 opus', '63 red', '0 PCMU', '8 PCMA', '9 G722']);
    expect(codecList(sections[1])).toEqual(['45 AV1', '102 H264', '108 H264', '116 H264', '96 VP8']);
    expect(codecList(plan('aiortc-publish', capabilities).sections[1])).toEqual(['99 H264', '101 H264', '97 VP8']);
  });

  it('follows a preference for H264 of one profile', () => {
    const codecs = [{ name: 'H264', parameters: { 'profile-level-id': '42e034', 'packetization-mode': '1' } }, { name: 'VP8' }];
    const { sections } = plan('chromium-publish', withVideo(receiveCapabilities(), { codecs }));
    expect(codecList(sections[1])).toEqual(['108 H264', '96 VP8']);
  });

  it('answers a codec once, though several capabilities stand for it', () => {
    const codecs = [{ name: 'H264', parameters: { 'profile-level-id': '42e01f' } }, { name: 'H264' }];
    const { sections } = plan('aiortc-publish', withVideo(receiveCapabilities(), { codecs }));
    expect(codecList(sections[1])).toEqual(['101 H264', '99 H264']);
  });

  it('answers feedback and retransmission only where the offer has them', () => {
    const chromium = plan('chromium-publish', receiveCapabilities()).sections[1]!;
    expect(chromium.codecs[0]).toMatchObject({ feedback: ['nack', 'nack pli', 'ccm fir', 'transport-cc'], rtxPayloadType: 97 });
    const gstreamer = plan('gstreamer-publish', receiveCapabilities()).sections[0]!;
    expect(gstreamer.codecs[0]).toMatchObject({ feedback: ['nack pli', 'ccm fir', 'transport-cc'], rtxPayloadType: undefined });
    const ffmpeg = plan('ffmpeg-publish', receiveCapabilities()).sections[1]!;
    expect(ffmpeg.codecs[0]!.feedback).toEqual([]);
    const without = plan('chromium-publish', withVideo(receiveCapabilities(), { rtx: false })).sections[1]!;
    expect(without.codecs[0]!.rtxPayloadType).toBeUndefined();
  });

  it('takes REMB with send times from a peer that offers no transport-wide feedback, and only then', () => {
    const aiortc = plan('aiortc-publish', receiveCapabilities()).sections[1]!;
    expect(aiortc.codecs[0]!.feedback).toContain('goog-remb');
    expect(aiortc.extensions.map(({ uri }) => uri)).toContain(HEADER_EXTENSIONS.absSendTime);
    const chromium = plan('chromium-publish', receiveCapabilities()).sections[1]!;
    expect(chromium.extensions.map(({ uri }) => uri)).not.toContain(HEADER_EXTENSIONS.absSendTime);
  });

  it('gives one id no two meanings, as an offer of aiortc does', () => {
    const [audio, video] = plan('aiortc-publish', receiveCapabilities()).sections;
    expect(audio!.extensions.map(({ id, uri }) => [id, uri])).toEqual([[1, HEADER_EXTENSIONS.mid]]);
    expect(video!.extensions.map(({ id, uri }) => [id, uri])).toEqual([[1, HEADER_EXTENSIONS.mid], [2, HEADER_EXTENSIONS.absSendTime]]);
  });

  it('hints at a bitrate as its caller does, unless the capabilities have hints of their own', () => {
    const hinted = (capabilities = receiveCapabilities()) => planAnswer(parseOffer(readFixture('chromium-publish')), capabilities, { bitrate: { startKbps: 7 } }).sections;
    expect(hinted().map(({ bitrate }) => bitrate)).toEqual([undefined, { startKbps: 7 }]);
    expect(hinted(receiveCapabilities({ bitrate: { maxKbps: 8 } }))[1]!.bitrate).toEqual({ maxKbps: 8 });
  });

  it('answers header extensions that both sides know, under the ids of the offer and in our direction', () => {
    const { sections } = plan('firefox-publish', receiveCapabilities());
    expect(sections[1]!.extensions).toEqual([
      { id: 3, uri: HEADER_EXTENSIONS.mid, direction: 'sendrecv' },
      { id: 6, uri: HEADER_EXTENSIONS.playoutDelay, direction: 'sendonly' },
      { id: 7, uri: HEADER_EXTENSIONS.transportWideCc, direction: 'sendrecv' },
    ]);
    const ours = [{ uri: HEADER_EXTENSIONS.playoutDelay, direction: 'recvonly' as const }];
    expect(plan('firefox-publish', withVideo(receiveCapabilities(), { headerExtensions: ours })).sections[1]!.extensions).toEqual([]);
  });

  it('takes recvonly from senders of either direction', () => {
    expect(directions(plan('chromium-publish', receiveCapabilities()))).toEqual(['recvonly', 'recvonly']);
    expect(directions(plan('aiortc-publish', receiveCapabilities()))).toEqual(['recvonly', 'recvonly']);
    expect(directions(plan('chromium-echo-data', receiveCapabilities()))).toEqual(['recvonly', 'recvonly', 'sendrecv']);
  });

  it('hands on the SSRCs of the offer and the bitrate hints', () => {
    const video = plan('aiortc-publish', receiveCapabilities({ bitrate: { startKbps: 1500 } })).sections[1]!;
    expect(video.remoteSsrcs).toMatchObject([{ ssrc: 1_236_789_797, rtxSsrc: 662_000_634 }]);
    expect(video.bitrate).toEqual({ startKbps: 1500 });
  });

  it('takes simulcast layers when it may and can tell them apart', () => {
    expect(plan('chromium-simulcast', receiveCapabilities()).sections[1]!.rids.map(({ id }) => id)).toEqual(['h', 'm', 'l']);
    expect(plan('chromium-simulcast', withVideo(receiveCapabilities(), { simulcast: false })).sections[1]!.rids).toEqual([]);
    for (const missing of [HEADER_EXTENSIONS.mid, HEADER_EXTENSIONS.rid]) {
      const headerExtensions = receiveCapabilities().video!.headerExtensions.filter(({ uri }) => uri !== missing);
      expect(plan('chromium-simulcast', withVideo(receiveCapabilities(), { headerExtensions })).sections[1]!.rids).toEqual([]);
    }
  });

  it('repeats only format parameters that concern both sides', () => {
    const { sections } = plan('firefox-publish', receiveCapabilities());
    expect(sections[0]!.codecs[0]!.codec.parameters).toEqual({ stereo: '1', useinbandfec: '1' });
    expect(sections[1]!.codecs[0]!.codec.parameters).toEqual({});
  });

  it('answers an H264 level of its own only if the levels may differ', () => {
    const codecs = [{ name: 'H264', parameters: { 'profile-level-id': '42e034' } }];
    const capabilities = withVideo(receiveCapabilities(), { codecs });
    const asymmetric = readFixture('ffmpeg-publish');
    const symmetric = edit(asymmetric, 'level-asymmetry-allowed=1;', '');
    const answered = [asymmetric, symmetric].map((sdp) => planAnswer(parseOffer(sdp), capabilities).sections[1]!.codecs[0]!.codec);
    expect(answered.map((codec) => codec.parameters['profile-level-id'])).toEqual(['42e034', '42c01e']);
  });
});

describe('planAnswer as sender', () => {
  it('limits the answer to what the source carries', () => {
    const { sections } = plan('chromium-play', sendCapabilities(), { outboundCodecs: { audio: [OPUS], video: [H264] } });
    expect(codecList(sections[0])).toEqual(['111 opus']);
    expect(codecList(sections[1])).toEqual(['108 H264']);
    expect(sections.map(({ direction }) => direction)).toEqual(['sendonly', 'sendonly']);
  });

  it('does not limit what it only receives', () => {
    const { sections } = plan('chromium-publish', receiveCapabilities(), { outboundCodecs: {} });
    expect(codecList(sections[1])).toContain('45 AV1');
  });

  it('does not expect SSRCs of a viewer, nor hints it a bitrate', () => {
    const video = plan('aiortc-play', withVideo(sendCapabilities(), { bitrate: { startKbps: 1500 } })).sections[1]!;
    expect(video).toMatchObject({ direction: 'sendonly', remoteSsrcs: [], bitrate: undefined });
  });

  it('leaves a kind idle that the source does not have, and keeps the m-line', () => {
    const answer = plan('chromium-play', sendCapabilities(), { outboundCodecs: { video: [VP8] } });
    expect(directions(answer)).toEqual(['inactive', 'sendonly']);
    expect(codecList(answer.sections[0])).toEqual(['111 opus']);
    expect(answer.bundleMids).toEqual(['0', '1']);
  });

  it('goes on receiving on a sendrecv m-line of a kind that the source does not have', () => {
    const answer = plan('chromium-echo-data', sendReceiveCapabilities(), { outboundCodecs: { audio: [OPUS] } });
    expect(directions(answer)).toEqual(['sendrecv', 'recvonly', 'sendrecv']);
  });

  it('answers RED first to a publisher that offers it first, with the blocks of its offer', () => {
    const offer = edit(readFixture('chromium-publish'), 'SAVPF 111 63', 'SAVPF 63 111');
    const { codecs } = planAnswer(parseOffer(offer), receiveCapabilities()).sections[0]!;
    expect(codecs.map(({ codec }) => codec.name)).toEqual(['red', 'opus', 'PCMU', 'PCMA', 'G722']);
    expect(codecs[0]!.codec.parameters).toEqual({ '111/111': '' });
  });

  it('sends H264 of another profile to a viewer whose decoder takes it, under the profile of the offer', () => {
    const high = edit(readFixture('ffmpeg-publish'), '42c01e', '64001f').replaceAll('sendonly', 'recvonly');
    const { codec } = planAnswer(parseOffer(high), sendCapabilities(), { outboundCodecs: { audio: [OPUS], video: [H264] } }).sections[1]!.codecs[0]!;
    expect(codec.parameters['profile-level-id']).toBe('64001f');
  });

  it('refuses a viewer whose decoder does not take the profile of the stream, and names both', () => {
    const baseline = readFixture('ffmpeg-publish').replaceAll('sendonly', 'recvonly');
    const high = { ...H264, parameters: { ...H264.parameters, 'profile-level-id': '640032' } };
    expect(() => planAnswer(parseOffer(baseline), sendCapabilities(), { outboundCodecs: { audio: [OPUS], video: [high] } })).toThrow(
      expect.objectContaining({ code: 'OFFER_UNACCEPTABLE', message: "The stream's video is H264 of High profile, but the offer takes H264 of Constrained Baseline only." }),
    );
  });

  it('refuses a viewer that does not take the codec of the source', () => {
    expect(() => plan('firefox-play', sendCapabilities(), { outboundCodecs: { audio: [OPUS], video: [H264] } })).toThrow(
      expect.objectContaining({
        code: 'OFFER_UNACCEPTABLE',
        message: expect.stringMatching(/^The stream's video is H264 \(packetization-mode=1, profile-level-id=42e01f\), but the offer takes VP8, VP9, AV1/),
      }),
    );
  });
});

describe('planAnswer on m-lines that cannot be used', () => {
  it('leaves those idle whose directions cannot meet', () => {
    const offer = edit(readFixture('ffmpeg-publish'), 'a=sendonly', 'a=recvonly');
    const answer = planAnswer(parseOffer(offer), receiveCapabilities());
    expect(directions(answer)).toEqual(['inactive', 'recvonly']);
    expect(answer.sections[0]).toMatchObject({ extensions: [], remoteSsrcs: [], bitrate: undefined });
  });

  it('refuses an offer of which nothing is left', () => {
    expect(() => plan('chromium-play', receiveCapabilities())).toThrow(
      expect.objectContaining({
        code: 'OFFER_UNACCEPTABLE',
        message: 'Nothing in the offer can be served: it has audio recvonly, video recvonly; this side is ready for audio recvonly, video recvonly.',
      }),
    );
    expect(() => plan('chromium-publish', sendCapabilities())).toThrow(expect.objectContaining({ code: 'OFFER_UNACCEPTABLE' }));
  });

  it('refuses media without a codec in common, and names the codecs', () => {
    const capabilities = withVideo(receiveCapabilities(), { codecs: [{ name: 'AV1' }, { name: 'H265' }] });
    expect(() => plan('ffmpeg-publish', capabilities)).toThrow(
      'No video codec in common: the offer has H264 (packetization-mode=1, profile-level-id=42c01e); supported are AV1, H265.',
    );
  });

  it('refuses media of a kind that it does not take, but lets a viewer go without', () => {
    const { audio: _, ...receive } = receiveCapabilities();
    expect(() => plan('chromium-publish', receive)).toThrow('The offer sends audio, which is not taken here');
    const { audio: __, ...send } = sendCapabilities();
    expect(directions(plan('chromium-play', send))).toEqual(['inactive', 'sendonly']);
  });

  it('refuses another ICE-lite agent, with which no connection could come about', () => {
    const offer = readFixture('chromium-publish').replace('t=0 0\r\n', 't=0 0\r\na=ice-lite\r\n');
    expect(() => planAnswer(parseOffer(offer), receiveCapabilities())).toThrow(
      expect.objectContaining({ code: 'OFFER_UNACCEPTABLE', message: expect.stringContaining('ICE-lite') }),
    );
  });

  it('refuses more m-lines of a kind than it can serve', () => {
    const offer = readFixture('ffmpeg-publish');
    const second = offer.slice(offer.indexOf('m=video')).replace('a=mid:1', 'a=mid:2');
    const two = edit(`${offer}${second}`, 'BUNDLE 0 1', 'BUNDLE 0 1 2');
    expect(() => planAnswer(parseOffer(two), receiveCapabilities())).toThrow('The offer has 2 video m-lines; at most 1');
    expect(directions(planAnswer(parseOffer(two), withVideo(receiveCapabilities(), { maxSections: 2 })))).toHaveLength(3);
  });

  it('rejects data channels that it does not take, unknown kinds, and what the offer has rejected', () => {
    expect(directions(plan('chromium-echo-data', { ...sendReceiveCapabilities(), data: false }))).toEqual(['sendrecv', 'sendrecv', 'rejected']);
    const text = `${readFixture('ffmpeg-publish')}m=text 9 UDP/TLS/RTP/SAVPF 98\r\na=mid:2\r\n`;
    expect(directions(planAnswer(parseOffer(text), receiveCapabilities()))).toEqual(['recvonly', 'recvonly', 'rejected']);
    const stopped = edit(readFixture('ffmpeg-publish'), 'm=audio 9', 'm=audio 0');
    const answer = planAnswer(parseOffer(stopped), receiveCapabilities());
    expect(directions(answer)).toEqual(['rejected', 'recvonly']);
    expect(answer.bundleMids).toEqual(['1']);
  });

  it('serves data channels alone', () => {
    const offer = readFixture('aiortc-play');
    const data = `${offer.slice(0, offer.indexOf('m=audio'))}${offer.slice(offer.indexOf('m=application'))}`;
    expect(directions(planAnswer(parseOffer(edit(data, 'BUNDLE 0 1 2', 'BUNDLE 2')), receiveCapabilities()))).toEqual(['sendrecv']);
  });
});

describe('planAnswer about the transport', () => {
  it.each([
    ['chromium-publish', 'passive'],
    ['ffmpeg-publish', 'active'],
  ] as const)('answers %s as DTLS %s', (name, setup) => {
    expect(plan(name, receiveCapabilities()).setup).toBe(setup);
  });

  it('answers active as passive, and silence as actpass', () => {
    const active = readFixture('ffmpeg-publish').replaceAll('a=setup:passive', 'a=setup:active');
    expect(planAnswer(parseOffer(active), receiveCapabilities()).setup).toBe('passive');
    expect(planAnswer(parseOffer(withoutLines(active, 'a=setup')), receiveCapabilities()).setup).toBe('passive');
  });

  it('goes over to the transport of the first m-line that stays', () => {
    const dataFirst = parseOffer(edit(readFixture('aiortc-play'), 'BUNDLE 0 1 2', 'BUNDLE 2 0 1'));
    expect(dataFirst.ice.usernameFragment).toBe('uNJd');
    const { ice } = dataFirst.sections[0]!.transport!;
    expect(planAnswer(dataFirst, { ...sendCapabilities(), data: false }).remote.ice).toEqual(ice);
    const offer = edit(readFixture('aiortc-publish'), 'm=audio 49572', 'm=audio 0');
    expect(planAnswer(parseOffer(offer), receiveCapabilities()).remote.ice.usernameFragment).toBe('04xc');
    expect(plan('aiortc-publish', receiveCapabilities()).remote.ice.usernameFragment).toBe('Pkhr');
  });

  it('follows the order of the BUNDLE group, not that of the m-lines', () => {
    const offer = edit(readFixture('aiortc-publish'), 'BUNDLE 0 1', 'BUNDLE 1 0');
    const answer = planAnswer(parseOffer(offer), receiveCapabilities());
    expect(answer.remote.ice.usernameFragment).toBe('04xc');
    expect(answer.bundleMids).toEqual(['1', '0']);
  });
});
