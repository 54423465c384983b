import { receiveCapabilities, sendCapabilities, sendReceiveCapabilities, type MediaCapabilities } from '@sluice/core';
import { describe, expect, it } from 'vitest';

import { parseAnswer, parseOffer } from './parse-description.ts';
import { planAnswer } from './plan-answer.ts';
import { FIXTURES, LOCAL, edit, readFixture, sectionLines, withVideo, withoutLines, type FixtureName } from './testing/fixtures.ts';
import { writeDescription } from './write-description.ts';

function capabilitiesFor(name: FixtureName): MediaCapabilities {
  if (name.includes('play')) return sendCapabilities();
  return name.includes('echo') ? sendReceiveCapabilities() : receiveCapabilities();
}

function answerTo(offer: string, capabilities: MediaCapabilities): string {
  return writeDescription(planAnswer(parseOffer(offer), capabilities), LOCAL);
}

function answerToFixture(name: FixtureName): string {
  return answerTo(readFixture(name), capabilitiesFor(name));
}

describe.each(FIXTURES)('writeDescription for %s', (name) => {
  const sdp = answerToFixture(name);
  const offer = parseOffer(readFixture(name));
  const answer = parseAnswer(sdp);

  it('parses again, with the m-lines of the offer', () => {
    expect(answer.sections.map(({ media, mid, protocol, rejected }) => [media, mid, protocol, rejected])).toEqual(
      offer.sections.map(({ media, mid, protocol, rejected }) => [media, mid, protocol, rejected]),
    );
    expect(answer.bundleMids).toEqual(offer.bundleMids);
    expect(answer).toMatchObject({ iceLite: true, ice: LOCAL.ice, fingerprints: [LOCAL.fingerprint] });
  });

  it('answers only payload types and header extensions that were offered', () => {
    for (const section of answer.sections) {
      const offered = offer.sections[section.index]!;
      const payloadTypes = new Map(offered.codecs.map((codec) => [codec.payloadType, codec]));
      for (const codec of section.codecs) {
        expect(codec.codec.name).toBe(payloadTypes.get(codec.payloadType)?.codec.name);
        expect(payloadTypes.get(codec.payloadType)?.feedback).toEqual(expect.arrayContaining([...codec.feedback]));
      }
      const extensions = offered.extensions.map(({ id, uri }) => `${id} ${uri}`);
      expect(extensions).toEqual(expect.arrayContaining(section.extensions.map(({ id, uri }) => `${id} ${uri}`)));
    }
  });

  it('has rtcp-mux-only in each RTP m-line, and candidates once', () => {
    const rtp = offer.sections.filter(({ kind }) => kind !== 'application').length;
    const lines = sdp.split('\r\n');
    expect(lines.filter((line) => line === 'a=rtcp-mux')).toHaveLength(rtp);
    expect(lines.filter((line) => line === 'a=rtcp-mux-only')).toHaveLength(rtp);
    expect(sectionLines(sdp, 0)).toEqual(
      expect.arrayContaining([
        'a=candidate:1 1 udp 2130706431 192.0.2.10 8000 typ host',
        'a=candidate:2 1 udp 2130706175 2001:db8::10 8000 typ host',
        'a=end-of-candidates',
      ]),
    );
    expect(lines.filter((line) => line.startsWith('a=candidate'))).toHaveLength(2);
  });

  it('sends no more than one msid, and SSRCs only where it sends', () => {
    const streams = answer.sections.flatMap(({ msid }) => msid?.stream ?? []);
    expect([...new Set(streams)]).toEqual(streams.length > 0 ? ['live-demo'] : []);
    for (const { direction, ssrcs, kind } of answer.sections) {
      expect(ssrcs.length > 0).toBe(kind !== 'application' && direction.startsWith('send'));
    }
  });
});

describe('writeDescription', () => {
  it('writes an answer to a publisher line by line', () => {
    const capabilities = withVideo(receiveCapabilities(), { codecs: [{ name: 'H264' }], bitrate: { startKbps: 2000 } });
    expect(answerTo(readFixture('ffmpeg-publish'), capabilities).split('\r\n')).toEqual([
      'v=0',
      'o=- 4611686018427387 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=ice-lite',
      'a=group:BUNDLE 0 1',
      'a=extmap-allow-mixed',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'c=IN IP4 0.0.0.0',
      'a=mid:0',
      'a=ice-ufrag:sluice',
      'a=ice-pwd:abcdefghijklmnopqrstuvwx',
      'a=ice-options:ice2 trickle',
      `a=fingerprint:sha-256 ${LOCAL.fingerprint.value}`,
      'a=setup:active',
      'a=candidate:1 1 udp 2130706431 192.0.2.10 8000 typ host',
      'a=candidate:2 1 udp 2130706175 2001:db8::10 8000 typ host',
      'a=end-of-candidates',
      'a=recvonly',
      'a=rtcp-mux',
      'a=rtcp-mux-only',
      'a=rtpmap:111 opus/48000/2',
      'm=video 9 UDP/TLS/RTP/SAVPF 106',
      'c=IN IP4 0.0.0.0',
      'a=mid:1',
      'a=ice-ufrag:sluice',
      'a=ice-pwd:abcdefghijklmnopqrstuvwx',
      'a=ice-options:ice2 trickle',
      `a=fingerprint:sha-256 ${LOCAL.fingerprint.value}`,
      'a=setup:active',
      'a=recvonly',
      'a=rtcp-mux',
      'a=rtcp-mux-only',
      'a=rtcp-rsize',
      'a=rtpmap:106 H264/90000',
      'a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01e;x-google-start-bitrate=2000',
      '',
    ]);
  });

  it('announces what it sends', () => {
    const video = sectionLines(answerToFixture('chromium-play'), 1);
    const sources = video.filter((line) => /^a=(msid|ssrc)/.test(line));
    expect(sources).toEqual([
      'a=msid:live-demo video-track',
      'a=ssrc-group:FID 2222 2223',
      'a=ssrc:2222 cname:sluice-cname',
      'a=ssrc:2223 cname:sluice-cname',
    ]);
    expect(video).toContain('a=sendonly');
    expect(video).toEqual(expect.arrayContaining(['a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96']));
    expect(sectionLines(answerToFixture('chromium-play'), 0).filter((line) => line.startsWith('a=ssrc'))).toEqual(['a=ssrc:1111 cname:sluice-cname']);
  });

  it('hints bitrates in every video codec, not in audio and rtx, and only to senders', () => {
    const hinted = receiveCapabilities({ bitrate: { startKbps: 1500, minKbps: 300, maxKbps: 6000 } });
    const sdp = answerTo(readFixture('chromium-h264'), hinted);
    const hints = 'x-google-start-bitrate=1500;x-google-min-bitrate=300;x-google-max-bitrate=6000';
    const rtpmaps = sdp.match(/^a=rtpmap:\d+ H264/gm)!;
    expect(sdp.match(new RegExp(`^a=fmtp:.*${hints}`, 'gm'))).toHaveLength(rtpmaps.length);
    expect(sectionLines(answerToFixture('chromium-publish'), 0).join()).not.toContain('x-google');
    expect(answerTo(readFixture('chromium-play'), withVideo(sendCapabilities(), { bitrate: { startKbps: 1500 } }))).not.toContain('x-google');
  });

  it('takes simulcast layers', () => {
    expect(sectionLines(answerToFixture('chromium-simulcast'), 1).filter((line) => /^a=(rid|simulcast)/.test(line))).toEqual([
      'a=rid:h recv',
      'a=rid:m recv',
      'a=rid:l recv',
      'a=simulcast:recv h;m;l',
    ]);
  });

  it('keeps the restrictions of a layer', () => {
    const offer = edit(readFixture('chromium-simulcast'), 'a=rid:l send', 'a=rid:l send max-width=320');
    expect(answerTo(offer, receiveCapabilities())).toContain('\r\na=rid:l recv max-width=320\r\n');
  });

  it('writes the direction of a header extension where it is not sendrecv', () => {
    const video = sectionLines(answerToFixture('firefox-publish'), 1);
    expect(video).toEqual(expect.arrayContaining(['a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid', expect.stringMatching(/^a=extmap:6\/sendonly /)]));
  });

  it('writes data channels in the form of the offer', () => {
    const chromium = sectionLines(answerToFixture('chromium-echo-data'), 2);
    expect(chromium[0]).toBe('m=application 9 UDP/DTLS/SCTP webrtc-datachannel');
    expect(chromium).toEqual(expect.arrayContaining(['a=sctp-port:5000', 'a=max-message-size:262144']));
    const aiortc = sectionLines(answerToFixture('aiortc-play'), 2);
    expect(aiortc[0]).toBe('m=application 9 DTLS/SCTP 5000');
    expect(aiortc).toContain('a=sctpmap:5000 webrtc-datachannel 65535');
    expect(aiortc.join()).not.toContain('sctp-port');
  });

  it('keeps the place and mid of a rejected m-line, outside BUNDLE and without transport', () => {
    const sdp = answerTo(readFixture('chromium-echo-data'), { ...sendReceiveCapabilities(), data: false });
    expect(sectionLines(sdp, 2)).toEqual(['m=application 0 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:2', 'a=inactive', '']);
    expect(sdp).toContain('\r\na=group:BUNDLE 0 1\r\n');
  });

  it('says of a candidate over TCP that we are its passive side', () => {
    const candidates = [{ foundation: '3', priority: 1_520_435_199, address: '192.0.2.10', port: 8000, protocol: 'tcp' } as const];
    const plan = planAnswer(parseOffer(readFixture('ffmpeg-publish')), receiveCapabilities());
    const sdp = writeDescription(plan, { ...LOCAL, candidates });
    expect(sdp).toContain('a=candidate:3 1 tcp 1520435199 192.0.2.10 8000 typ host tcptype passive\r\n');
  });

  it('puts the candidates into the first m-line that is not rejected', () => {
    const bundled = edit(readFixture('ffmpeg-publish'), 'm=audio 9', 'm=audio 0');
    for (const offer of [bundled, withoutLines(bundled, 'a=group')]) {
      const sdp = answerTo(offer, receiveCapabilities());
      expect(sectionLines(sdp, 0).join()).not.toContain('candidate');
      expect(sectionLines(sdp, 1).filter((line) => line.startsWith('a=candidate'))).toHaveLength(2);
    }
  });

  it('shows no BUNDLE and no mid to a peer that offered none', () => {
    const single = readFixture('ffmpeg-publish');
    const audio = withoutLines(single.slice(0, single.indexOf('m=video')), 'a=mid', 'a=group', 'a=extmap-allow-mixed');
    const sdp = answerTo(audio, receiveCapabilities());
    expect(sdp).not.toMatch(/BUNDLE|a=mid|extmap-allow-mixed/);
  });
});
