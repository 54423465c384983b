import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STUN_ATTRIBUTES, STUN_TYPES } from './stun-constants.ts';
import { type StunAttribute, encodeBindingError, encodeBindingSuccess, encodeStunMessage } from './stun-encoder.ts';
import { type StunMessage, parseStunMessage } from './stun-message.ts';

const RFC_5769_PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';
const RFC_5769_REQUEST = hex(`
  00 01 00 58 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 10 53 54 55 4e 20 74 65 73 74 20 63 6c 69 65 6e 74
  00 24 00 04 6e 00 01 ff 80 29 00 08 93 2f f9 b1 51 26 3b 36
  00 06 00 09 65 76 74 6a 3a 68 36 76 59 20 20 20
  00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5 b2 d3 f2 49 c1 b5 71 a2
  80 28 00 04 e5 7a 3b cf`);
const RFC_5769_IPV4_RESPONSE = hex(`
  01 01 00 3c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
  00 20 00 08 00 01 a1 47 e1 12 a6 43
  00 08 00 14 2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9 2a f9 ba 53 f0 6b e7 d7
  80 28 00 04 c0 7d 4c 96`);
const RFC_5769_IPV6_RESPONSE = hex(`
  01 01 00 48 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
  00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9
  00 08 00 14 a3 82 95 4e 4b e6 7b f1 17 84 c9 7c 82 92 c2 75 bf e3 ed 41
  80 28 00 04 c8 fb 0b 4c`);

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

function parse(datagram: Buffer): StunMessage {
  const message = parseStunMessage(datagram);
  if (!message) throw new Error('expected a well-formed message');
  return message;
}

function request(attributes: readonly StunAttribute[]): Buffer {
  return encodeStunMessage({ type: STUN_TYPES.bindingRequest, transactionId: randomBytes(12), attributes, password: 'secret' });
}

/** Appends attributes to a finished message and corrects its length. */
function append(message: Buffer, ...attributes: Buffer[]): Buffer {
  const longer = Buffer.concat([message, ...attributes]);
  longer.writeUInt16BE(longer.length - 20, 2);
  return longer;
}

describe('parseStunMessage', () => {
  it('reads and verifies the request of RFC 5769 section 2.1', () => {
    const message = parse(RFC_5769_REQUEST);

    expect(message.isBindingRequest).toBe(true);
    expect(message.username).toBe('evtj:h6vY');
    expect(message.localUsernameFragment).toBe('evtj');
    expect(message.transactionId.toString('hex')).toBe('b7e7a701bc34d686fa87dfae');
    expect(message.has(STUN_ATTRIBUTES.iceControlled)).toBe(true);
    expect(message.has(STUN_ATTRIBUTES.useCandidate)).toBe(false);
    expect(message.notUnderstood).toEqual([]);
    expect(message.verifyFingerprint()).toBe(true);
    expect(message.verifyIntegrity(RFC_5769_PASSWORD)).toBe(true);
    expect(message.verifyIntegrity('another password')).toBe(false);
  });

  it.each([
    ['IPv4', RFC_5769_IPV4_RESPONSE],
    ['IPv6', RFC_5769_IPV6_RESPONSE],
  ])('verifies the %s response of RFC 5769', (_family, response) => {
    const message = parse(response);
    expect(message.type).toBe(STUN_TYPES.bindingSuccess);
    expect(message.verifyFingerprint()).toBe(true);
    expect(message.verifyIntegrity(RFC_5769_PASSWORD)).toBe(true);
  });

  it('finds every changed bit before FINGERPRINT', () => {
    for (let bit = 0; bit < (RFC_5769_REQUEST.length - 8) * 8; bit++) {
      const changed = Buffer.from(RFC_5769_REQUEST);
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
      expect(parseStunMessage(changed)?.verifyFingerprint() ?? false).toBe(false);
    }
  });

  it('finds every changed bit before MESSAGE-INTEGRITY', () => {
    for (let bit = 0; bit < (RFC_5769_REQUEST.length - 32) * 8; bit++) {
      const changed = Buffer.from(RFC_5769_REQUEST);
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
      expect(parseStunMessage(changed)?.verifyIntegrity(RFC_5769_PASSWORD) ?? false).toBe(false);
    }
  });

  it('refuses every truncation', () => {
    for (let length = 0; length < RFC_5769_REQUEST.length; length++) {
      expect(parseStunMessage(RFC_5769_REQUEST.subarray(0, length))).toBeUndefined();
    }
  });

  it.each([
    ['bytes behind the message', Buffer.concat([RFC_5769_REQUEST, Buffer.alloc(4)])],
    ['another magic cookie', hex('00 01 00 00 21 12 a4 43 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae')],
    ['a length that is no multiple of four', hex('00 01 00 02 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae 00 00')],
    ['an attribute that is longer than the message', append(request([]).subarray(0, 20), hex('00 06 00 05 61 61 61 61'))],
    ['an attribute behind FINGERPRINT', append(RFC_5769_REQUEST, hex('80 22 00 00'))],
    ['a FINGERPRINT of another length', append(request([]).subarray(0, 20), hex('80 28 00 08 00 00 00 00 00 00 00 00'))],
    ['a MESSAGE-INTEGRITY of another length', append(request([]).subarray(0, 20), hex('00 08 00 04 00 00 00 00'))],
  ])('refuses %s', (_what, datagram) => {
    expect(parseStunMessage(datagram)).toBeUndefined();
  });

  it('is not verified without FINGERPRINT or MESSAGE-INTEGRITY', () => {
    const message = parse(append(request([]).subarray(0, 20)));
    expect(message.verifyFingerprint()).toBe(false);
    expect(message.verifyIntegrity('secret')).toBe(false);
  });

  it('ignores what follows MESSAGE-INTEGRITY', () => {
    const protectedPart = request([]).subarray(0, 44);
    const message = parse(append(protectedPart, hex('00 25 00 00'), hex('7f ff 00 00')));
    expect(message.has(STUN_ATTRIBUTES.useCandidate)).toBe(false);
    expect(message.notUnderstood).toEqual([]);
    expect(message.verifyIntegrity('secret')).toBe(true);
  });

  it('counts the first of several equal attributes', () => {
    const message = parse(request([[STUN_ATTRIBUTES.username, Buffer.from('first:peer')], [STUN_ATTRIBUTES.username, Buffer.from('second:peer')]]));
    expect(message.username).toBe('first:peer');
  });

  it('lists comprehension-required attributes that it does not know, each once', () => {
    const nothing = Buffer.alloc(0);
    const message = parse(request([[0x7777, nothing], [0x7777, nothing], [0x8777, nothing], [0x0001, nothing]]));
    expect(message.notUnderstood).toEqual([0x7777, 0x0001]);
  });

  it('never throws', () => {
    const cookie = fc.constant(hex('21 12 a4 42'));
    const anything = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const wellHeaded = fc.tuple(fc.nat(0x3fff), cookie, fc.uint8Array({ minLength: 12, maxLength: 120 })).map(([type, magic, rest]) => {
      const message = Buffer.concat([Buffer.alloc(4), magic, rest.subarray(0, rest.length & ~3)]);
      message.writeUInt16BE(type, 0);
      message.writeUInt16BE(message.length - 20, 2);
      return message;
    });
    fc.assert(
      fc.property(fc.oneof(anything, wellHeaded), (datagram) => {
        const message = parseStunMessage(datagram);
        expect(message?.verifyIntegrity('secret') ?? false).toBe(false);
        expect(typeof (message?.localUsernameFragment ?? '')).toBe('string');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('answers', () => {
  const transactionId = hex('b7 e7 a7 01 bc 34 d6 86 fa 87 df ae');

  it.each([
    ['192.0.2.1', '0001a147e112a643'],
    ['2001:db8:1234:5678:11:2233:4455:6677', '0002a1470113a9faa5d3f179bc25f4b5bed2b9d9'],
  ])('map %s as RFC 5769 has it', (address, value) => {
    const message = parse(encodeBindingSuccess(transactionId, { address, port: 32_853 }, 'secret'));

    expect(message.type).toBe(STUN_TYPES.bindingSuccess);
    expect(message.transactionId).toEqual(transactionId);
    expect(message.attribute(STUN_ATTRIBUTES.xorMappedAddress)?.toString('hex')).toBe(value);
    expect(message.verifyFingerprint()).toBe(true);
    expect(message.verifyIntegrity('secret')).toBe(true);
  });

  it('name the code of an error and the attributes behind it', () => {
    const message = parse(encodeBindingError(transactionId, 420, 'secret', [0x7777, 0x0001, 0x0002]));

    expect(message.type).toBe(STUN_TYPES.bindingError);
    expect(message.attribute(STUN_ATTRIBUTES.errorCode)?.toString('hex')).toBe('00000414');
    expect(message.attribute(STUN_ATTRIBUTES.unknownAttributes)?.toString('hex')).toBe('777700010002');
    expect(message.verifyFingerprint()).toBe(true);
    expect(message.verifyIntegrity('secret')).toBe(true);
  });
});
