import { HEADER_EXTENSIONS, receiveCapabilities, sendCapabilities, type Codec } from '@sluice/core';
import { describe, expect, it } from 'vitest';

import { acceptAnswer } from './accept-answer.ts';
import { parseAnswer, parseOffer } from './parse-description.ts';
import { planAnswer } from './plan-answer.ts';
import { planOffer } from './plan-offer.ts';
import { LOCAL, edit, sectionLines, withoutLines } from './testing/fixtures.ts';
import { writeDescription } from './write-description.ts';

const OPUS: Codec = { name: 'opus', clockRate: 48_000, channels: 2, parameters: {} };
const H264: Codec = { name: 'H264', clockRate: 90_000, parameters: { 'packetization-mode': '1', 'profile-level-id': '640c1f' } };

const offerPlan = planOffer(sendCapabilities());
const offer = writeDescription(offerPlan, LOCAL);
/** A viewer made of our own code, which answers full agents only; what browsers answer is for the end-to-end tests. */
const viewerAnswer = writeDescription(planAnswer(parseOffer(withoutLines(offer, 'a=ice-lite')), receiveCapabilities()), LOCAL);

describe('planOffer', () => {
  it('offers one m-line per kind, bundled, for either DTLS role', () => {
    const parsed = parseOffer(offer);
    expect(parsed.sections.map(({ kind, mid, direction }) => [kind, mid, direction])).toEqual([
      ['audio', '0', 'sendonly'],
      ['video', '1', 'sendonly'],
      ['application', '2', 'sendrecv'],
    ]);
    expect(parsed).toMatchObject({ setup: 'actpass', bundleMids: ['0', '1', '2'], iceLite: true });
    expect(sectionLines(offer, 0)[0]).toMatch(/^m=audio 9 /);
  });

  it('gives each payload type and each header extension one number', () => {
    const { sections } = parseOffer(offer);
    const numbers = sections.flatMap(({ codecs }) => codecs.flatMap(({ payloadType, rtxPayloadType }) => [payloadType, rtxPayloadType ?? []].flat()));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.filter((number) => number < 96)).toEqual([0, 8, 9]);
    const ids = sections.flatMap(({ extensions }) => extensions.map(({ id, uri }) => `${id} ${uri}`));
    expect(new Set(ids).size).toBe(new Set(ids.map((id) => id.split(' ')[0])).size);
  });

  it('offers only what the source carries', () => {
    const plan = planOffer(sendCapabilities(), { outboundCodecs: { video: [H264] } });
    expect(plan.sections.map(({ kind, mid }) => [kind, mid])).toEqual([
      ['video', '0'],
      ['application', '1'],
    ]);
    expect(plan.sections[0]!.codecs.map(({ codec }) => codec)).toEqual([H264]);
    const both = planOffer(sendCapabilities(), { outboundCodecs: { audio: [OPUS], video: [H264] } });
    expect(both.sections.map(({ codecs }) => codecs.length)).toEqual([1, 1, 0]);
  });
});

describe('acceptAnswer', () => {
  it('agrees on codecs, feedback and extensions in the order of the answer', () => {
    const { sections, setup, remote } = acceptAnswer(offerPlan, parseAnswer(edit(viewerAnswer, 'a=setup:passive', 'a=setup:active')));
    expect(setup).toBe('passive');
    expect(remote.ice).toEqual(LOCAL.ice);
    const [audio, video, data] = sections;
    expect(audio).toMatchObject({ direction: 'sendonly', rejected: false });
    expect(audio!.codecs.map(({ codec }) => codec.name)).toEqual(['opus', 'PCMU', 'PCMA', 'G722']);
    expect(video!.codecs[0]).toMatchObject({ codec: { name: 'VP8' }, feedback: ['nack', 'nack pli', 'ccm fir', 'transport-cc'] });
    const offered = offerPlan.sections[1]!.extensions;
    expect(video!.extensions).toEqual(offered.filter(({ uri }) => uri !== HEADER_EXTENSIONS.absSendTime));
    expect(data).toMatchObject({ kind: 'application', sctpPort: 5000, maxMessageSize: 262_144 });
  });

  it('takes the DTLS role that the answer leaves', () => {
    expect(acceptAnswer(offerPlan, parseAnswer(viewerAnswer)).setup).toBe('active');
  });

  it('lets the peer reject an m-line or leave it idle', () => {
    const rejected = edit(edit(viewerAnswer, 'm=video 9', 'm=video 0'), 'BUNDLE 0 1 2', 'BUNDLE 0 2');
    expect(acceptAnswer(offerPlan, parseAnswer(rejected)).sections[1]).toMatchObject({ rejected: true, codecs: [], direction: 'inactive' });
    const idle = edit(viewerAnswer, 'a=recvonly', 'a=inactive');
    expect(acceptAnswer(offerPlan, parseAnswer(idle)).sections[0]).toMatchObject({ rejected: false, direction: 'inactive' });
  });

  it('drops what the answer adds to the offer', () => {
    const codec = offerPlan.sections[1]!.codecs[0]!.payloadType;
    const added = edit(viewerAnswer, `a=rtpmap:${codec} VP8/90000`, `a=rtpmap:${codec} VP8/90000\r\na=rtcp-fb:${codec} x-unknown\r\na=extmap:14 urn:x`);
    const video = acceptAnswer(offerPlan, parseAnswer(added)).sections[1]!;
    expect(video.codecs[0]!.feedback).not.toContain('x-unknown');
    expect(video.extensions.map(({ id }) => id)).not.toContain(14);
  });

  it('goes by the numbers of the offer', () => {
    const renumbered = viewerAnswer.replaceAll(/\b97\b/g, '127').replace(/a=extmap:1 \S+/, 'a=extmap:1 urn:other');
    const [audio, video] = acceptAnswer(offerPlan, parseAnswer(renumbered)).sections;
    expect(offerPlan.sections[1]!.codecs[0]).toMatchObject({ payloadType: 97, codec: { name: 'VP8' } });
    expect(video!.codecs.map(({ codec }) => codec.name)).not.toContain('VP8');
    expect(audio!.extensions.map(({ id }) => id)).not.toContain(1);
  });

  it.each([
    ['fewer m-lines', viewerAnswer.slice(0, viewerAnswer.indexOf('m=application')).replace('BUNDLE 0 1 2', 'BUNDLE 0 1'), 'The offer has 3 m-lines, the answer 2'],
    ['another mid', viewerAnswer.replace('a=mid:1', 'a=mid:v').replace('BUNDLE 0 1 2', 'BUNDLE 0 v 2'), 'must be video with a=mid:1'],
    ['no role', viewerAnswer.replaceAll('a=setup:passive', 'a=setup:actpass'), 'a=setup:active or a=setup:passive'],
    ['another codec', viewerAnswer.replaceAll(/ (VP8|VP9|AV1|H264|H265)\//g, ' VPX/'), 'without any codec of the offer'],
  ])('refuses an answer with %s', (_, sdp, message) => {
    expect(() => acceptAnswer(offerPlan, parseAnswer(sdp))).toThrow(
      expect.objectContaining({ code: 'ANSWER_MALFORMED', message: expect.stringContaining(message) }),
    );
  });
});
