import { describe, expect, it } from 'vitest';

import { quoteSdp, splitSdpLines } from './sdp-lines.ts';

const RULES = { maxLines: 3, code: 'OFFER_MALFORMED' } as const;

describe('splitSdpLines', () => {
  it('takes CRLF, LF and blank lines', () => {
    expect(splitSdpLines('v=0\r\ns=-\n\na=mid:0\r\n', { ...RULES, maxLines: 4 })).toEqual([
      { type: 'v', value: '0' },
      { type: 's', value: '-' },
      { type: 'a', value: 'mid:0' },
    ]);
  });

  it.each(['garbage', 'V=0', 'a', ' a=x', 'v=0\r\na=mid:\u00001', 'a=b\rc=d'])('refuses %j', (text) => {
    expect(() => splitSdpLines(text, RULES)).toThrow(expect.objectContaining({ code: 'OFFER_MALFORMED' }));
  });

  it('names the line that is wrong', () => {
    expect(() => splitSdpLines('v=0\n\nnonsense', RULES)).toThrow('Line 3 is not SDP: expected "<letter>=<text>", got "nonsense".');
  });

  it('takes as many lines as allowed and no more', () => {
    expect(splitSdpLines('a=1\na=2\na=3\n', RULES)).toHaveLength(3);
    for (const text of ['a=1\na=2\na=3\na=4', 'a=1\n\n\na=4']) {
      expect(() => splitSdpLines(text, RULES)).toThrow('More than 3 lines of SDP');
    }
  });
});

describe('quoteSdp', () => {
  it('shortens and escapes', () => {
    expect(quoteSdp('a"b')).toBe('"a\\"b"');
    expect(quoteSdp('x'.repeat(1000))).toHaveLength(63);
  });
});
