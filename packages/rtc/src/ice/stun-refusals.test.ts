import { randomBytes } from 'node:crypto';
import { FakeClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { STUN_ATTRIBUTES, STUN_TYPES } from './stun-constants.ts';
import { type StunAttribute, encodeStunMessage } from './stun-encoder.ts';
import { type StunMessage, parseStunMessage } from './stun-message.ts';
import { StunRefusals } from './stun-refusals.ts';

const ANYBODY = { address: '192.0.2.1', port: 5000 };
const USERNAME: StunAttribute = [STUN_ATTRIBUTES.username, Buffer.from('unknown:peer')];

function request({ type = STUN_TYPES.bindingRequest, attributes = [USERNAME], password }: { type?: number; attributes?: readonly StunAttribute[]; password?: string } = {}): StunMessage {
  return parseStunMessage(encodeStunMessage({ type, transactionId: randomBytes(12), attributes, password }))!;
}

function createRefusals(maxPerSecond = 100) {
  const clock = new FakeClock();
  const sent: Buffer[] = [];
  const refusals = new StunRefusals({ clock, maxPerSecond, send: (data) => void sent.push(data) });
  return { clock, refusals, sent };
}

it.each([
  ['without MESSAGE-INTEGRITY', request(), '00000400'],
  ['without USERNAME', request({ attributes: [], password: 'x' }), '00000400'],
  ['with wrong credentials', request({ password: 'x' }), '00000401'],
])('answers a request %s', (_what, message, code) => {
  const { refusals, sent } = createRefusals();
  refusals.refuse(message, ANYBODY);
  const answer = parseStunMessage(sent[0]!)!;
  expect(answer.type).toBe(STUN_TYPES.bindingError);
  expect(answer.attribute(STUN_ATTRIBUTES.errorCode)?.toString('hex')).toBe(code);
  expect(answer.transactionId).toEqual(message.transactionId);
  expect([answer.verifyFingerprint(), answer.hasIntegrity, answer.username]).toEqual([true, false, undefined]);
});

it.each([
  ['an indication', request({ type: STUN_TYPES.bindingIndication })],
  ['an answer', request({ type: STUN_TYPES.bindingError })],
  ['an allocation of TURN', request({ type: 0x0003 })],
])('keeps silent on %s', (_what, message) => {
  const { refusals, sent } = createRefusals();
  refusals.refuse(message, ANYBODY);
  expect(sent).toEqual([]);
});

it('never sends more bytes than it was asked with, nor more answers than allowed', async () => {
  const { clock, refusals, sent } = createRefusals(10);
  const tiny = request({ attributes: [] });
  refusals.refuse(tiny, ANYBODY);
  expect(refusals.counters).toEqual({ sent: 0, tooMany: 0, amplification: 1 });

  for (let index = 0; index < 50; index++) refusals.refuse(request(), ANYBODY);
  expect(sent).toHaveLength(10);
  expect(refusals.counters.tooMany).toBe(40);
  await clock.advance(500);
  refusals.refuse(request(), ANYBODY);
  expect(sent).toHaveLength(11);
});

it('is no larger than the request, whatever the request holds', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(0xffff), fc.uint8Array({ maxLength: 8 })), { maxLength: 6 }), fc.option(fc.string({ minLength: 1 }), { nil: undefined }), (attributes, password) => {
      const { refusals, sent } = createRefusals();
      const datagram = encodeStunMessage({ type: STUN_TYPES.bindingRequest, transactionId: randomBytes(12), attributes: attributes.map(([type, value]) => [type, Buffer.from(value)]), password });
      const message = parseStunMessage(datagram);
      if (message) refusals.refuse(message, ANYBODY);
      for (const answer of sent) expect(answer.length).toBeLessThanOrEqual(datagram.length);
    }),
  );
});
