import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MediaError } from './errors.ts';
import { parseIceFragment, writeIceFragment } from './ice-fragment.ts';

/** RFC 9725 section 4.3.2. */
const TRICKLE = [
  'a=ice-ufrag:EsAw',
  'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBOL1',
  'm=audio 9 RTP/AVP 0',
  'a=mid:0',
  'a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1',
  'a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag EsAw network-id 2',
  'a=end-of-candidates',
  '',
].join('\r\n');

const HOST = 'candidate:1 1 udp 1 192.0.2.1 9 typ host';

describe('parseIceFragment', () => {
  it('reads the example of RFC 9725', () => {
    const fragment = parseIceFragment(TRICKLE);
    expect(fragment.usernameFragment).toBe('EsAw');
    expect(fragment.password).toBe('P2uYro0UCOQ4zxjKXaWCBOL1');
    expect(fragment.candidates.map(({ mid, candidate }) => [mid, candidate.split(' ')[0]])).toEqual([
      ['0', '1387637174'],
      ['0', '3471623853'],
      ['0', ''],
    ]);
  });

  it('gives each candidate the mid of its m-line, wherever that stands', () => {
    const fragment = parseIceFragment(`a=${HOST}\nm=audio 9 RTP/AVP 0\na=${HOST}\na=mid:a\nm=video 9 RTP/AVP 0\na=mid:v\na=${HOST}\n`);
    expect(fragment.candidates.map((candidate) => candidate.mid)).toEqual([undefined, 'a', 'v']);
  });

  it('takes credentials in each m-line as long as they are the same', () => {
    const section = 'm=audio 9 RTP/AVP 0\na=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\n';
    expect(parseIceFragment(section + section)).toMatchObject({ usernameFragment: 'abcd', candidates: [] });
    expect(() => parseIceFragment(`${section}a=ice-ufrag:efgh`)).toThrow('two different values of ice-ufrag');
  });

  it('ignores what it does not know', () => {
    expect(parseIceFragment('v=0\na=group:BUNDLE 0\na=ice-options:trickle\na=ice-ufrag:abcd')).toEqual({
      usernameFragment: 'abcd',
      candidates: [],
    });
  });

  it.each([
    ['nothing', ''],
    ['no SDP', 'garbage'],
    ['a short ice-ufrag', 'a=ice-ufrag:abc'],
    ['a short ice-pwd', 'a=ice-ufrag:abcd\na=ice-pwd:short'],
    ['a password alone', 'a=ice-pwd:0123456789012345678901'],
    ['a bad candidate', 'a=candidate:nonsense'],
    ['too many characters', `a=x:${'y'.repeat(65_536)}`],
    ['too many lines', 'a=x\n'.repeat(1001)],
    ['too many candidates', `a=${HOST}\n`.repeat(201)],
  ])('refuses %s', (_, body) => {
    expect(() => parseIceFragment(body)).toThrow(expect.objectContaining({ code: 'CANDIDATE_MALFORMED' }));
  });

  it('gives a fragment or CANDIDATE_MALFORMED for any text', () => {
    const line = fc.oneof(fc.constantFrom(...TRICKLE.split('\r\n')), fc.string(), fc.string().map((text) => `a=candidate:${text}`));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect([undefined, 'CANDIDATE_MALFORMED']).toContain(errorCode(() => parseIceFragment(lines.join('\n'))));
      }),
    );
  });
});

describe('writeIceFragment', () => {
  it('writes what RFC 9725 shows, with the protocol of WebRTC in the m-line', () => {
    expect(writeIceFragment(parseIceFragment(TRICKLE))).toBe(TRICKLE.replace('RTP/AVP', 'UDP/TLS/RTP/SAVPF'));
  });

  it('writes what is read back as the same', () => {
    const mid = fc.option(fc.stringMatching(/^[av01]{1,3}$/), { nil: undefined });
    const candidate = fc.record({ candidate: fc.constantFrom(HOST.slice('candidate:'.length), ''), mid });
    const credentials = fc.record({ usernameFragment: fc.stringMatching(/^[aZ9+/]{4,8}$/), password: fc.stringMatching(/^[aZ9+/]{22,30}$/) });
    fc.assert(
      fc.property(fc.option(credentials), fc.array(candidate, { maxLength: 8 }), (ice, candidates) => {
        fc.pre(ice !== null || candidates.length > 0);
        const fragment = { ...ice, candidates };
        expect(parseIceFragment(writeIceFragment(fragment))).toEqual(fragment);
      }),
    );
  });
});

/** The code that `run` throws; any other error than a MediaError fails the test. */
function errorCode(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (MediaError.is(error)) return error.code;
    throw error;
  }
  return undefined;
}
