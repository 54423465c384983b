import { SluicePlayer } from './player.ts';
import { SluicePublisher } from './publisher.ts';

declare global {
  interface HTMLElementTagNameMap {
    'sluice-player': SluicePlayer;
    'sluice-publisher': SluicePublisher;
  }
}

// A server that renders pages has no elements to define.
if ('customElements' in globalThis) define();

/** Two scripts of one page may bring it. */
function define(): void {
  if (!customElements.get('sluice-player')) customElements.define('sluice-player', SluicePlayer);
  if (!customElements.get('sluice-publisher')) customElements.define('sluice-publisher', SluicePublisher);
}

export type { SluiceMediaElement } from './media-element.ts';
export { SluicePlayer, SluicePublisher };
