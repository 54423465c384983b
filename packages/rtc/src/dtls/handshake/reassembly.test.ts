import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { HANDSHAKE_TYPE, type HandshakeMessage, serializeHandshake } from './message.ts';
import { HandshakeReassembler } from './reassembly.ts';

function reassembler() {
  const messages: HandshakeMessage[] = [];
  const retransmitted: number[] = [];
  const subject = new HandshakeReassembler({
    onMessage: (message) => messages.push(message),
    onRetransmission: (message) => retransmitted.push(message.sequence),
  });
  return { subject, messages, retransmitted };
}

function fragment(message: HandshakeMessage, offset: number, length: number): Buffer {
  const header = Buffer.from(serializeHandshake(message).subarray(0, 12));
  header.writeUIntBE(offset, 6, 3);
  header.writeUIntBE(length, 9, 3);
  return Buffer.concat([header, message.body.subarray(offset, offset + length)]);
}

const whole = (message: HandshakeMessage): Buffer => fragment(message, 0, message.body.length);

function message(sequence: number, body = `message ${sequence}`, type: number = HANDSHAKE_TYPE.certificate): HandshakeMessage {
  return { type, sequence, body: Buffer.from(body) };
}

const flight: fc.Arbitrary<HandshakeMessage[]> = fc
  .array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 6 })
  .map((bodies) => bodies.map((body, sequence) => ({ type: HANDSHAKE_TYPE.certificate, sequence, body: Buffer.from(body) })));

/** Fragments that cover every message, with overlaps, duplicates and in any order. */
const shuffledFlight = flight.chain((messages) =>
  fc
    .tuple(
      ...messages.map((each) =>
        fc.array(fc.tuple(fc.nat(each.body.length), fc.nat(each.body.length)), { maxLength: 5 }).map((ranges) => {
          const cuts = [...new Set([0, each.body.length, ...ranges.flat()])].toSorted((a, b) => a - b);
          const covering = cuts.length < 2 ? [[0, 0] as const] : cuts.slice(1).map((end, i) => [cuts[i]!, end] as const);
          const extra = ranges.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
          return [...covering, ...extra].map(([start, end]) => fragment(each, start, end - start));
        }),
      ),
    )
    .map((fragments) => fragments.flat())
    .chain((fragments) => fc.shuffledSubarray(fragments, { minLength: fragments.length }))
    .map((fragments) => ({ messages, fragments })),
);

test('a flight comes out whole, in order and once, whatever its fragments do', () => {
  fc.assert(
    fc.property(shuffledFlight, ({ messages, fragments }) => {
      const { subject, messages: delivered } = reassembler();
      for (const each of fragments) expect(subject.push(each, 'anybody')).toBe(true);
      expect(delivered).toEqual(messages);
    }),
  );
});

test('several messages may share a record', () => {
  const { subject, messages } = reassembler();
  subject.push(Buffer.concat([whole(message(0)), whole(message(1))]), 'anybody');
  expect(messages.map((each) => each.sequence)).toEqual([0, 1]);
});

test('a repeat of the message delivered last is told once it is over; of earlier ones not', () => {
  const { subject, messages, retransmitted } = reassembler();
  for (const sequence of [0, 1]) subject.push(whole(message(sequence)), 'anybody');
  subject.push(whole(message(0)), 'anybody');
  subject.push(fragment(message(1), 0, 4), 'anybody');
  expect(retransmitted).toEqual([]);

  subject.push(fragment(message(1), 4, message(1).body.length - 4), 'anybody');
  expect(retransmitted).toEqual([1]);
  expect(messages).toHaveLength(2);
});

test('a forged fragment gives way to the message of the peer', () => {
  const { subject, messages } = reassembler();
  subject.push(fragment(message(0, 'forged and long'), 0, 4), 'anybody');
  subject.push(whole(message(0, 'honest')), 'anybody');
  expect(messages.map((each) => each.body.toString())).toEqual(['honest']);
});

test('fragments that contradict each other without end take up no new memory', () => {
  const { subject, messages } = reassembler();
  const [long, longer] = [message(0, 'x'.repeat(16_000)), message(0, 'y'.repeat(16_001))];
  subject.push(fragment(longer, 0, 10), 'anybody');
  const contradictions = [fragment(long, 20, 10), fragment(longer, 20, 10)];
  const allocate = vi.spyOn(Buffer, 'alloc');
  for (let round = 0; round < 100; round++) for (const each of contradictions) subject.push(each, 'anybody');
  expect(allocate).not.toHaveBeenCalled();
  allocate.mockRestore();
  subject.push(whole(long), 'anybody');
  expect(messages).toEqual([long]);
});

test('a Finished counts only from the holder of the keys, other messages only in the clear', () => {
  const { subject, messages } = reassembler();
  const finished = whole(message(0, 'verify_data', HANDSHAKE_TYPE.finished));
  expect(subject.push(finished, 'anybody')).toBe(false);
  expect(subject.push(whole(message(0)), 'keyHolder')).toBe(false);
  expect(messages).toEqual([]);
  expect(subject.push(finished, 'keyHolder')).toBe(true);
  expect(messages).toHaveLength(1);
});

test('messages that are too long or too far ahead are refused', () => {
  const { subject, messages } = reassembler();
  const long = whole(message(0, 'x'.repeat(16_385)));
  expect(subject.push(long, 'anybody')).toBe(false);
  expect(subject.push(whole(message(8)), 'anybody')).toBe(false);
  expect(subject.push(whole(message(7)), 'anybody')).toBe(true);
  expect(subject.push(Buffer.from([1, 2, 3]), 'anybody')).toBe(false);
  expect(messages).toEqual([]);
});

test('any bytes are taken without a throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (contents) => {
      const { subject } = reassembler();
      for (const content of contents) subject.push(Buffer.from(content), 'anybody');
    }),
  );
});
