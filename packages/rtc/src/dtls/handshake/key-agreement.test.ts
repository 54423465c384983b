import { expect, test } from 'vitest';
import { ALERT } from '../alert.ts';
import { GROUP, GROUPS, createEphemeralKey } from './key-agreement.ts';

test.each(GROUPS)('both sides of an exchange in group %i get the same secret', (group) => {
  const ours = createEphemeralKey(group);
  const theirs = createEphemeralKey(group);
  const secret = ours.agree(theirs.publicKey);
  expect(secret).toHaveLength(32);
  expect(theirs.agree(ours.publicKey)).toEqual(secret);
  expect(createEphemeralKey(group).agree(theirs.publicKey)).not.toEqual(secret);
});

test.each([
  ['X25519, of small order', GROUP.x25519, Buffer.alloc(32)],
  ['X25519, too short', GROUP.x25519, Buffer.alloc(31, 9)],
  ['X25519, too long', GROUP.x25519, Buffer.alloc(33, 9)],
  ['P-256, not on the curve', GROUP.secp256r1, Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)])],
  ['P-256, at infinity', GROUP.secp256r1, Buffer.of(0)],
  ['P-256, empty', GROUP.secp256r1, Buffer.alloc(0)],
])('a key of %s, is refused', (_what, group, key) => {
  expect(() => createEphemeralKey(group).agree(key)).toThrow(expect.objectContaining({ alert: ALERT.illegal_parameter }));
});
