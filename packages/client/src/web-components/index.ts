import { SluicePlayer } from './player.ts';
import { SluicePublisher } from './publisher.ts';

declare global {
  interface HTMLElementTagNameMap {
    'sluice-player': SluicePlayer;
    'sluice-publisher': SluicePublisher;
  }
}

// Two scripts of one page may bring it.
if (!customElements.get('sluice-player')) customElements.define('sluice-player', SluicePlayer);
if (!customElements.get('sluice-publisher')) customElements.define('sluice-publisher', SluicePublisher);

export type { SluiceMediaElement } from './media-element.ts';
export { SluicePlayer, SluicePublisher };
