import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redPrimaryOffset } from './red.ts';

function primaryOf(payload: string): string | undefined {
  const packet = Buffer.from(`ffff${payload.replaceAll(' ', '')}ffff`, 'hex');
  const offset = redPrimaryOffset(packet, 2, packet.length - 2);
  return offset < 0 ? undefined : packet.toString('hex', offset, packet.length - 2);
}

describe('redPrimaryOffset', () => {
  it.each([
    ['without redundancy', '6f aabb', 'aabb'],
    ['behind one block', 'ef 0f0002 6f 1111 aabb', 'aabb'],
    ['behind two blocks', 'ef 1e0001 ef 0f0002 6f 22 1111 aabb', 'aabb'],
    ['that is empty', 'ef 0f0002 6f 1111', ''],
  ])('finds the primary %s', (_, payload, primary) => {
    expect(primaryOf(payload)).toBe(primary);
  });

  it.each(['', 'ef', 'ef 0f00', 'ef 0f0002', 'ef 0f0002 6f 11', 'ef 0f03ff 6f 1111'])('finds none in %j, which is cut short', (payload) => {
    expect(primaryOf(payload)).toBeUndefined();
  });

  it('stays within any payload', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const offset = redPrimaryOffset(Buffer.from(bytes), 0, bytes.length);
        expect(offset).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
