import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAnswer, checkOffer } from './description-check.ts';
import { MediaError } from './errors.ts';
import { DEFAULT_LIMITS } from './manager-options.ts';
import { sampleOffer } from './testing/index.ts';

const without = (attribute: string) => sampleOffer().replaceAll(new RegExp(`a=${attribute}:.*\r\n`, 'g'), '');
const check = (offer: string, limits = {}) => checkOffer(offer, { ...DEFAULT_LIMITS, ...limits });

describe('checkOffer', () => {
  it('takes what browsers send, also with bare line feeds', () => {
    expect(() => check(sampleOffer())).not.toThrow();
    expect(() => check(sampleOffer().replaceAll('\r\n', '\n'))).not.toThrow();
    expect(() => check(sampleOffer(['application']))).not.toThrow();
  });

  it('takes attributes that only one m-line has', () => {
    const [head = '', ...sections] = without('ice-ufrag').split('m=');
    expect(() => check([`${head}a=ice-ufrag:abcd\r\n`, ...sections].join('m='))).not.toThrow();
  });

  it.each([
    ['nothing', '', 'it is empty'],
    ['white space', ' \r\n ', 'it is empty'],
    ['no SDP', 'garbage', 'Line 1 is not SDP'],
    ['another start', sampleOffer().replace('v=0', 's=-'), 'starts with the line v=0'],
    ['another version', sampleOffer().replace('v=0', 'v=1'), 'starts with the line v=0'],
    ['a line without form', sampleOffer().replace('s=-', 'hello'), 'Line 3 is not SDP'],
    ['a control character', sampleOffer().replace('s=-', 's=\0'), 'Line 3 is not SDP'],
    ['no m-line', sampleOffer([]), 'it has no m-line'],
    ['no ufrag', without('ice-ufrag'), 'no a=ice-ufrag line'],
    ['no password', without('ice-pwd'), 'no a=ice-pwd line'],
    ['no fingerprint', without('fingerprint'), 'no a=fingerprint line'],
  ])('refuses an offer with %s and says so', (_what, offer, words) => {
    expect(() => check(offer)).toThrow(expect.objectContaining({ code: 'OFFER_MALFORMED', message: expect.stringContaining(words) }));
  });

  it('counts bytes, not characters', () => {
    const offer = sampleOffer().replace('s=-', 's=ä');
    expect(() => check(offer, { maxOfferBytes: offer.length + 1 })).not.toThrow();
    expect(() => check(offer, { maxOfferBytes: offer.length })).toThrow(expect.objectContaining({ code: 'OFFER_TOO_LARGE', status: 413 }));
  });

  it('bounds lines and m-lines', () => {
    const lines = sampleOffer().trimEnd().split('\r\n').length;
    expect(() => check(sampleOffer(), { maxOfferLines: lines, maxMediaSections: 2 })).not.toThrow();
    expect(() => check(sampleOffer(), { maxOfferLines: lines - 1 })).toThrow(expect.objectContaining({ code: 'OFFER_MALFORMED' }));
    expect(() => check(sampleOffer(), { maxMediaSections: 1 })).toThrow(expect.objectContaining({ code: 'OFFER_MALFORMED' }));
  });

  it('refuses any other text with a coded error', () => {
    const lines = sampleOffer().split('\r\n');
    // What a front door makes of any bytes.
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => new TextDecoder().decode(bytes));
    const scrambled = fc.array(fc.oneof(fc.constantFrom(...lines), noise), { maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(noise, scrambled.map((some) => some.join('\r\n'))), (offer) => {
        const failure = failureOf(offer);
        return failure === undefined || (MediaError.is(failure) && failure.status < 500);
      }),
    );
  });
});

function failureOf(offer: string): unknown {
  try {
    check(offer);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('checkAnswer', () => {
  it.each([
    ['nothing', ''],
    ['no SDP', 'garbage'],
    ['another version', 'v=1\r\n'],
    ['too many lines', `v=0\r\n${'a=x\r\n'.repeat(2_000)}`],
    ['too many bytes', `v=0\r\na=${'x'.repeat(65_536)}`],
  ])('refuses %s', (_what, answer) => {
    expect(() => checkAnswer(answer, DEFAULT_LIMITS)).toThrow(expect.objectContaining({ code: 'ANSWER_MALFORMED' }));
  });

  it('takes the beginning of an SDP', () => {
    expect(() => checkAnswer('v=0\r\n', DEFAULT_LIMITS)).not.toThrow();
  });
});
