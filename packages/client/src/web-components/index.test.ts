import { expect, test } from 'vitest';
import { SluicePlayer, SluicePublisher } from './index.ts';

test('where pages are rendered by a server, the components can be imported and define nothing', () => {
  expect('customElements' in globalThis).toBe(false);
  expect([SluicePlayer.observedAttributes, SluicePublisher.observedAttributes].flat()).toContain('src');
});
