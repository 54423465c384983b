import { MediaError, receiveCapabilities, sendCapabilities, sendReceiveCapabilities } from '@sluice/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseAnswer, parseOffer } from './parse-description.ts';
import { planAnswer } from './plan-answer.ts';
import { FIXTURES, LOCAL, readFixture } from './testing/fixtures.ts';
import { writeDescription } from './write-description.ts';

const OFFERS = FIXTURES.map(readFixture);
const CAPABILITIES = [receiveCapabilities(), sendCapabilities(), sendReceiveCapabilities(), {}];
const ALL_LINES = OFFERS.flatMap((offer) => offer.split('\r\n'));

/** `answered`, or the code of the MediaError; any other error fails the test. */
function outcome(sdp: string, capabilities: (typeof CAPABILITIES)[number]): string {
  try {
    const answer = writeDescription(planAnswer(parseOffer(sdp), capabilities), LOCAL);
    parseAnswer(answer);
    return 'answered';
  } catch (error) {
    if (MediaError.is(error)) return error.code;
    throw error;
  }
}

const OUTCOMES = ['answered', 'OFFER_MALFORMED', 'OFFER_UNACCEPTABLE', 'OFFER_TOO_LARGE'];
const capabilities = fc.constantFrom(...CAPABILITIES);

/** What may happen to one line of a real offer. */
const lineChange: fc.Arbitrary<(line: string) => string> = fc.oneof(
  fc.constant(() => ''),
  fc.constant((line: string) => `${line}\r\n${line}`),
  fc.constantFrom(...ALL_LINES).map((other) => () => other),
  fc.constantFrom(...ALL_LINES).map((other) => (line: string) => `${line}\r\n${other}`),
  fc.tuple(fc.nat(80), fc.nat(8), fc.string({ maxLength: 8 })).map(([at, drop, text]) => (line: string) => line.slice(0, at) + text + line.slice(at + drop)),
  fc.constantFrom('-1', '0', '255', '4294967296', '9'.repeat(20), '', 'NaN', '*', '__proto__').map((number) => (line: string) => line.replace(/\d+/, number)),
);

const changedOffer = fc
  .tuple(fc.constantFrom(...OFFERS), fc.array(fc.tuple(fc.nat(400), lineChange), { minLength: 1, maxLength: 6 }))
  .map(([offer, changes]) => {
    const lines = offer.split('\r\n');
    for (const [position, change] of changes) lines[position % lines.length] = change(lines[position % lines.length] ?? '');
    return lines.join('\r\n');
  });

describe('anything as an offer', () => {
  it('is answered or refused with an OFFER code', () => {
    const bytes = fc.uint8Array({ maxLength: 2000 }).map((octets) => Buffer.from(octets).toString());
    const jumble = fc.array(fc.constantFrom(...ALL_LINES)).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(fc.oneof(bytes, jumble), capabilities, (sdp, own) => {
        expect(OUTCOMES).toContain(outcome(sdp, own));
      }),
      { numRuns: 500 },
    );
  });

  it('is answered or refused after changes to a real offer; our answer parses again', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(changedOffer, capabilities, (sdp, own) => {
        const result = outcome(sdp, own);
        seen.set(result, (seen.get(result) ?? 0) + 1);
        expect(OUTCOMES).toContain(result);
      }),
      { numRuns: 1000 },
    );
    // The changes must leave some offers good, or the answers would not be tested.
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['answered', 'OFFER_MALFORMED', 'OFFER_UNACCEPTABLE']));
  });

  it.each([
    ['spaces in fmtp', `a=fmtp:96 ${' '.repeat(200_000)}x`],
    ['spaces in rtpmap', `a=rtpmap:96 ${' '.repeat(200_000)}`],
    ['semicolons', `a=fmtp:96 ${';='.repeat(100_000)}`],
    ['candidate extensions', `a=candidate:1 1 udp 1 10.0.0.1 9 typ host${' a'.repeat(100_000)}\u00a0`],
    ['group members', `a=ssrc-group:FID${' 1'.repeat(100_000)} x`],
    ['simulcast layers', `a=simulcast:send ${'a;'.repeat(100_000)}`],
    ['line ends', '\n'.repeat(250_000)],
    ['attributes', 'a=ssrc:1 cname:x\n'.repeat(4900)],
  ])('does not cost more than its length: %s', (_, line) => {
    const offer = `${readFixture('chromium-simulcast')}${line}\r\n`;
    expect(OUTCOMES).toContain(outcome(offer, receiveCapabilities()));
  });
});
