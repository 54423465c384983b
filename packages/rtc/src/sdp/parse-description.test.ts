import { describe, expect, it } from 'vitest';

import { parseAnswer, parseOffer } from './parse-description.ts';
import { FIXTURES, edit, readFixture, withoutLines } from './testing/fixtures.ts';

const FFMPEG = readFixture('ffmpeg-publish');
const UFRAG = 'a=ice-ufrag:9b4a1c0e\r\n';
const SIMULCAST = readFixture('chromium-simulcast');

describe('parseOffer on real offers', () => {
  it.each(FIXTURES)('takes %s', (name) => {
    const offer = parseOffer(readFixture(name));
    expect(offer.sections.every((section) => !section.rejected && section.kind !== 'other')).toBe(true);
    expect(offer.bundleMids).toEqual(offer.sections.map((section) => section.mid));
    expect(offer.fingerprints).toEqual([{ algorithm: 'sha-256', value: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) }]);
  });

  it('reads codecs with parameters, feedback and retransmission', () => {
    const video = parseOffer(readFixture('chromium-publish')).sections[1]!;
    expect(video.codecs.find((codec) => codec.payloadType === 108)).toEqual({
      payloadType: 108,
      codec: {
        name: 'H264',
        clockRate: 90_000,
        parameters: { 'level-asymmetry-allowed': '1', 'packetization-mode': '1', 'profile-level-id': '42e01f' },
      },
      feedback: ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'],
      rtxPayloadType: 109,
    });
    const names = video.codecs.map((codec) => codec.codec.name);
    expect(names).toContain('red');
    expect(names).toContain('ulpfec');
    expect(names).not.toContain('rtx');
  });

  it('counts one channel as none said', () => {
    const audio = parseOffer(readFixture('firefox-publish')).sections[0]!;
    expect(audio.codecs.map(({ codec }) => [codec.name, codec.channels])).toEqual([
      ['opus', 2],
      ['G722', undefined],
      ['PCMU', undefined],
      ['PCMA', undefined],
      ['telephone-event', undefined],
    ]);
  });

  it('reads media SSRCs, each with that of its retransmissions', () => {
    expect(parseOffer(readFixture('aiortc-publish')).sections[1]!.ssrcs).toEqual([
      { ssrc: 1_236_789_797, rtxSsrc: 662_000_634, cname: '9f29a2c3-0ed7-44a4-a0ba-974973845b47' },
    ]);
    expect(parseOffer(SIMULCAST).sections[1]!.ssrcs).toEqual([]);
  });

  it('reads simulcast layers in their order', () => {
    const video = parseOffer(SIMULCAST).sections[1]!;
    expect(video.simulcast).toEqual({ send: ['h', 'm', 'l'], receive: [] });
    expect(video.rids).toEqual(['h', 'm', 'l'].map((id) => ({ id, direction: 'send', restrictions: '' })));
  });

  it('reads header extensions with direction', () => {
    const audio = parseOffer(readFixture('firefox-publish')).sections[0]!;
    expect(audio.extensions.slice(0, 2)).toEqual([
      { id: 1, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', direction: 'sendrecv' },
      { id: 2, uri: 'urn:ietf:params:rtp-hdrext:csrc-audio-level', direction: 'recvonly' },
    ]);
  });

  it('takes the transport of the first m-line, where aiortc gives each its own', () => {
    const offer = parseOffer(readFixture('aiortc-publish'));
    expect(offer.ice).toEqual({ usernameFragment: 'Pkhr', password: 'bv5ZXGlXcVTYMSu4iKH42H' });
    expect(offer.sections[1]!.transport?.ice.usernameFragment).toBe('04xc');
  });

  it('does not take bundle-only for rejected, and lets it inherit the transport', () => {
    const offer = parseOffer(readFixture('bundle-only-publish'));
    expect(offer.sections.map(({ rejected, transport }) => [rejected, transport?.ice.usernameFragment])).toEqual([
      [false, 'EsAw'],
      [false, undefined],
    ]);
  });

  it('reads data channels of RFC 8841 and of the draft before it', () => {
    const { sctpPort, maxMessageSize, kind } = parseOffer(readFixture('chromium-echo-data')).sections[2]!;
    expect({ sctpPort, maxMessageSize, kind }).toEqual({ sctpPort: 5000, maxMessageSize: 262_144, kind: 'application' });
    expect(parseOffer(readFixture('aiortc-play')).sections[2]).toMatchObject({ sctpPort: 5000, maxMessageSize: 65_536, kind: 'application' });
  });

  it('reads candidates, mDNS names and TCP too', () => {
    const { candidates } = parseOffer(readFixture('firefox-publish')).sections[0]!;
    expect(candidates).toHaveLength(8);
    expect(candidates[2]).toMatchObject({ transport: 'tcp', tcpType: 'active', address: expect.stringMatching(/\.local$/) });
  });

  it('reads msid, setup and direction', () => {
    const offer = parseOffer(FFMPEG);
    expect(offer.setup).toBe('passive');
    expect(offer.sections[1]).toMatchObject({ direction: 'sendonly', msid: { stream: 'FFmpeg', track: 'video' }, reducedSizeRtcp: true });
  });
});

describe('parseOffer on unusual offers', () => {
  it('numbers an m-line without mid, and remembers that it had none', () => {
    const single = withoutLines(FFMPEG.slice(0, FFMPEG.indexOf('m=video')), 'a=mid', 'a=group');
    expect(parseOffer(single).sections[0]).toMatchObject({ mid: '0', hasMid: false });
  });

  it('takes transport attributes of the session', () => {
    const attributes = withoutLines(FFMPEG, 'a=ice-ufrag', 'a=ice-pwd');
    const offer = parseOffer(edit(attributes, 't=0 0', 't=0 0\r\na=ice-ufrag:sess\r\na=ice-pwd:abcdefghijklmnopqrstuvwx'));
    expect(offer.sections.map((section) => section.transport?.ice.usernameFragment)).toEqual(['sess', 'sess']);
  });

  it('knows static payload types without rtpmap', () => {
    const offer = parseOffer(edit(withoutLines(FFMPEG, 'a=rtpmap:111'), 'SAVPF 111', 'SAVPF 0 8 13'));
    expect(offer.sections[0]!.codecs.map(({ codec }) => `${codec.name}/${codec.clockRate}`)).toEqual(['PCMU/8000', 'PCMA/8000']);
  });

  it('applies feedback for all payload types', () => {
    const offer = parseOffer(edit(FFMPEG, 'a=rtpmap:106', 'a=rtcp-fb:* nack\r\na=rtpmap:106'));
    expect(offer.sections[1]!.codecs[0]!.feedback).toEqual(['nack']);
  });

  it('leaves out simulcast layers without a=rid, and takes the first alternative, paused or not', () => {
    const offer = parseOffer(edit(SIMULCAST, 'send h;m;l', 'send ~h,m;x;l'));
    expect(offer.sections[1]!.simulcast).toEqual({ send: ['h', 'l'], receive: [] });
  });

  it('reads a rejected m-line and one of an unknown kind only as far as the answer needs it', () => {
    const broken = edit(edit(FFMPEG, 'm=video 9', 'm=video 0'), 'a=rtpmap:106 H264/90000', 'a=rtpmap:nonsense');
    expect(parseOffer(broken).sections[1]).toMatchObject({ rejected: true, mid: '1', codecs: [] });
    const text = parseOffer(`${FFMPEG}m=text 9 UDP/TLS/RTP/SAVPF 98\r\na=mid:2\r\na=rtpmap:nonsense\r\n`);
    expect(text.sections[2]).toMatchObject({ kind: 'other', rejected: false, media: 'text', formats: ['98'] });
  });

  it('leaves out header extensions whose id is for us to choose', () => {
    const offer = parseOffer(edit(FFMPEG, 'a=rtpmap:106', 'a=extmap:4096 urn:x\r\na=extmap:15 urn:y\r\na=rtpmap:106'));
    expect(offer.sections[1]!.extensions.map(({ id }) => id)).toEqual([15]);
  });

  it('excludes repair SSRCs of FEC, keeps layers of a SIM group', () => {
    const groups = 'a=ssrc-group:SIM 1 2\r\na=ssrc-group:FID 1 3\r\na=ssrc-group:FEC-FR 1 4\r\n';
    const lines = [1, 2, 3, 4].map((ssrc) => `a=ssrc:${ssrc} cname:x\r\n`).join('');
    const offer = parseOffer(edit(withoutLines(FFMPEG, 'a=ssrc'), 'a=rtpmap:106', `${groups}${lines}a=rtpmap:106`));
    expect(offer.sections[1]!.ssrcs.map(({ ssrc, rtxSsrc }) => [ssrc, rtxSsrc])).toEqual([
      [1, 3],
      [2, undefined],
    ]);
  });

  it('prefers strong fingerprints over none, and upper case', () => {
    const offer = parseOffer(edit(FFMPEG, 'a=fingerprint:sha-256 DA:7B', 'a=fingerprint:sha-1 AA:BB\r\na=fingerprint:SHA-256 da:7b'));
    expect(offer.fingerprints).toEqual([{ algorithm: 'sha-256', value: expect.stringMatching(/^DA:7B:/) }]);
  });
});

/** What becomes of the offer of FFmpeg when `from` is replaced by `to`. */
function codeAfter(from: string, to: string): () => unknown {
  return () => parseOffer(edit(FFMPEG, from, to));
}

describe('parseOffer refuses as malformed', () => {
  it.each([
    ['nothing', ''],
    ['text', 'garbage'],
    ['JSON', '{"type":"offer"}'],
    ['no m-line', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n'],
    ['another version', edit(FFMPEG, 'v=0', 'v=1')],
    ['a line without type', `${FFMPEG}nonsense\r\n`],
    ['no ice-ufrag', withoutLines(FFMPEG, 'a=ice-ufrag')],
    ['no ice-pwd', withoutLines(FFMPEG, 'a=ice-pwd')],
    ['no fingerprint', withoutLines(FFMPEG, 'a=fingerprint')],
    ['thousands of m-lines', FFMPEG + 'm=video 0 UDP/TLS/RTP/SAVPF 96\r\n'.repeat(3000)],
  ])('%s', (_, sdp) => {
    expect(() => parseOffer(sdp)).toThrow(expect.objectContaining({ code: 'OFFER_MALFORMED', status: 400 }));
  });

  it.each([
    ['a short ice-ufrag', UFRAG, 'a=ice-ufrag:abc\r\n'],
    ['a long ice-ufrag', UFRAG, `a=ice-ufrag:${'a'.repeat(257)}\r\n`],
    ['other characters in ice-ufrag', UFRAG, 'a=ice-ufrag:ab:cd\r\n'],
    ['a short ice-pwd', '5fa1d0bc2e84c0d1f7a93be60c21d94e', 'tooshort'],
    ['half a fingerprint', ':9C:02', ''],
    ['a fingerprint without hash', 'a=fingerprint:sha-256 ', 'a=fingerprint:'],
    ['an unknown setup', 'a=setup:passive', 'a=setup:later'],
    ['a mid of two words', 'a=mid:0', 'a=mid:0 0'],
    ['a mid twice', 'a=mid:1', 'a=mid:0'],
    ['an unknown mid in BUNDLE', 'BUNDLE 0 1', 'BUNDLE 0 1 2'],
    ['a mid twice in BUNDLE', 'BUNDLE 0 1', 'BUNDLE 0 1 1'],
    ['an m-line without formats', 'SAVPF 111', 'SAVPF'],
    ['a port out of range', 'm=audio 9', 'm=audio 65536'],
    ['a payload type out of range', 'SAVPF 111', 'SAVPF 111 128'],
    ['a payload type that is no number', 'SAVPF 111', 'SAVPF 111 opus'],
    ['a payload type of RTCP', 'SAVPF 111', 'SAVPF 111 72'],
    ['a payload type twice', 'SAVPF 111', 'SAVPF 111 111'],
    ['a dynamic payload type without rtpmap', 'SAVPF 111', 'SAVPF 111 112'],
    ['a payload type with two meanings', 'SAVPF 106', 'SAVPF 106 111\r\na=rtpmap:111 VP8/90000'],
    ['two rtpmap of one payload type', 'a=rtpmap:111', 'a=rtpmap:111 G722/8000\r\na=rtpmap:111'],
    ['an rtpmap without clock rate', 'opus/48000/2', 'opus'],
    ['a clock rate of zero', 'opus/48000/2', 'opus/0'],
    ['an fmtp without payload type', 'a=fmtp:106 ', 'a=fmtp:'],
    ['an rtcp-fb without value', 'a=rtcp-mux', 'a=rtcp-mux\r\na=rtcp-fb:111'],
    ['an extmap id of zero', 'a=rtcp-mux', 'a=rtcp-mux\r\na=extmap:0 urn:x'],
    ['an extmap id out of range', 'a=rtcp-mux', 'a=rtcp-mux\r\na=extmap:256 urn:x'],
    ['an extmap with an unknown direction', 'a=rtcp-mux', 'a=rtcp-mux\r\na=extmap:1/sideways urn:x'],
    ['an extmap id twice', 'a=rtcp-mux', 'a=rtcp-mux\r\na=extmap:1 urn:x\r\na=extmap:1 urn:y'],
    ['an SSRC out of range', 'a=ssrc:1763018473', 'a=ssrc:4294967296'],
    ['an SSRC that is no number', 'a=ssrc:1763018473', 'a=ssrc:-1'],
    ['an ssrc-group of words', 'a=rtcp-mux', 'a=rtcp-mux\r\na=ssrc-group:FID one two'],
    ['a rid of other characters', 'a=rtcp-mux', 'a=rtcp-mux\r\na=rid:h! send'],
    ['a rid without direction', 'a=rtcp-mux', 'a=rtcp-mux\r\na=rid:h'],
    ['a rid twice', 'a=rtcp-mux', 'a=rtcp-mux\r\na=rid:h send\r\na=rid:h send'],
    ['a simulcast without direction', 'a=rtcp-mux', 'a=rtcp-mux\r\na=simulcast:h;m;l'],
    ['two directions', 'a=sendonly', 'a=sendonly\r\na=recvonly'],
    ['a bad candidate', 'a=rtcp-mux', 'a=rtcp-mux\r\na=candidate:nonsense'],
    ['an empty msid', 'a=msid:FFmpeg audio', 'a=msid:'],
  ])('%s', (_, from, to) => {
    expect(codeAfter(from, to)).toThrow(expect.objectContaining({ code: 'OFFER_MALFORMED' }));
  });

  it('different ids of the MID header extension', () => {
    const mid = 'urn:ietf:params:rtp-hdrext:sdes:mid';
    const offer = edit(edit(FFMPEG, 'a=mid:0', `a=mid:0\r\na=extmap:1 ${mid}`), 'a=mid:1', `a=mid:1\r\na=extmap:2 ${mid}`);
    expect(() => parseOffer(offer)).toThrow('The MID header extension has different ids in one BUNDLE.');
  });

  it.each([
    ['maxLines', 20],
    ['maxSections', 1],
    ['maxSsrcs', 0],
  ])('more than %s', (limit, value) => {
    expect(() => parseOffer(FFMPEG, { [limit]: value })).toThrow(expect.objectContaining({ code: 'OFFER_MALFORMED' }));
  });

  it.each([
    ['maxExtensions', 12],
    ['maxRids', 2],
    ['maxCandidates', 3],
  ])('more than %s, where as many are fine', (limit, value) => {
    expect(() => parseOffer(SIMULCAST, { [limit]: value })).toThrow(expect.objectContaining({ code: 'OFFER_MALFORMED' }));
    expect(parseOffer(SIMULCAST, { [limit]: value + 1 }).sections).toHaveLength(2);
  });

  it('says what is wrong and what was expected', () => {
    expect(codeAfter('a=setup:passive', 'a=setup:later')).toThrow('a=setup must be actpass, active or passive, got "later".');
    expect(codeAfter('SAVPF 111', 'SAVPF 111 112')).toThrow('Payload type 112 has no a=rtpmap.');
  });
});

describe('parseOffer refuses as unacceptable', () => {
  it.each([
    ['no BUNDLE', 'a=group:BUNDLE 0 1\r\n', '', 'bundle all m-lines'],
    ['an m-line outside BUNDLE', 'BUNDLE 0 1', 'BUNDLE 0', 'The m-line "1" is not in the BUNDLE group'],
    ['holdconn', 'a=setup:passive', 'a=setup:holdconn', 'a=setup:holdconn is not supported'],
    ['a protocol that is not RTP', 'm=audio 9 UDP/TLS/RTP/SAVPF', 'm=audio 9 UDP/MRCP', 'use UDP/TLS/RTP/SAVPF'],
  ])('%s', (_, from, to, message) => {
    expect(codeAfter(from, to)).toThrow(expect.objectContaining({ code: 'OFFER_UNACCEPTABLE', status: 422, message: expect.stringContaining(message) }));
  });

  it.each([
    ['no rtcp-mux', withoutLines(FFMPEG, 'a=rtcp-mux'), 'add a=rtcp-mux'],
    ['only weak fingerprints', FFMPEG.replaceAll(/a=fingerprint:.*/g, 'a=fingerprint:sha-1 AA:BB'), 'use sha-256'],
    ['nothing but rejected m-lines', FFMPEG.replaceAll(/^m=(\w+) 9/gm, 'm=$1 0'), 'no audio, video or data m-line in use'],
  ])('%s', (_, sdp, message) => {
    expect(() => parseOffer(sdp)).toThrow(expect.objectContaining({ code: 'OFFER_UNACCEPTABLE', message: expect.stringContaining(message) }));
  });

  it('an offer that is too long, by its own code', () => {
    expect(() => parseOffer('v=0\r\n'.repeat(60_000))).toThrow(expect.objectContaining({ code: 'OFFER_TOO_LARGE', status: 413 }));
  });
});

describe('parseAnswer', () => {
  it('calls every fault ANSWER_MALFORMED', () => {
    for (const sdp of ['garbage', withoutLines(FFMPEG, 'a=rtcp-mux'), 'v=0\r\n'.repeat(60_000)]) {
      expect(() => parseAnswer(sdp)).toThrow(expect.objectContaining({ code: 'ANSWER_MALFORMED' }));
    }
  });
});
