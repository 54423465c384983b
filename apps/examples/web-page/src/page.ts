import { SluicePlayer, SluicePublisher } from '@sluice/client/web-components';

const publisher = document.querySelector('sluice-publisher');
const player = document.querySelector('sluice-player');
const stream = document.querySelector('input');

function choose(): void {
  if (!stream?.checkValidity()) return;
  publisher?.setAttribute('src', `/whip/${stream.value}`);
  player?.setAttribute('src', `/whep/${stream.value}`);
}

// The elements are there when their classes are.
if (publisher instanceof SluicePublisher && player instanceof SluicePlayer) {
  stream?.addEventListener('change', choose);
  player.addEventListener('statechange', () => {
    document.title = `${player.state}: ${player.src}`;
  });
  choose();
}
