import { expect, it } from 'vitest';
import { PictureOrder } from './picture-order.ts';

/** Timestamps of pictures as they are sent, each of two packets, over the wraps of both numbers. */
function sent(pictures: readonly number[]): PictureOrder {
  const order = new PictureOrder();
  pictures.forEach((picture, index) => {
    for (const packet of [0, 1]) order.onPacket((65_530 + 2 * index + packet) & 0xffff, (2 ** 32 - 9000 + picture * 3000) >>> 0);
  });
  return order;
}

it('finds pictures that are sent in another order than they are shown', () => {
  expect(sent([0, 3, 1, 2, 6, 4, 5]).isReordered).toBe(true);
  expect(sent([0, 1, 2, 3, 4, 5, 6]).isReordered).toBe(false);
});

it('is not misled by packets that come late, nor by an encoder that starts anew', () => {
  const order = sent([0, 1, 2, 3]);
  for (let time = 0; time < 4; time++) order.onPacket(65_532, 0);
  expect(order.isReordered).toBe(false);
  expect(sent([0, 1000, 0, 1000, 0]).isReordered).toBe(false);
});
