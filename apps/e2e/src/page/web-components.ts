import { SluicePlayer, SluicePublisher } from '@sluice/client/web-components';
import { brightnessOf } from './brightness.ts';
import type { Playback } from './peer.ts';

const events: string[] = [];

/** Puts an element into the page, as its HTML would. */
function show(tag: 'sluice-player' | 'sluice-publisher', attributes: Record<string, string>): void {
  document.body.style.cssText = 'max-width: 720px; margin: 24px auto; background: #f3f6fa';
  const shown = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) shown.setAttribute(name, value);
  for (const name of ['statechange', 'error', 'stats']) shown.addEventListener(name, () => events.push(name));
  document.body.replaceChildren(shown);
}

function shown() {
  const it = document.body.firstElementChild;
  if (!(it instanceof SluicePlayer) && !(it instanceof SluicePublisher)) throw new Error('The page shows nothing.');
  return it;
}

async function playback(): Promise<Pick<Playback, 'connectionState' | 'framesDecoded' | 'width' | 'brightness' | 'audioEnergy'>> {
  const it = shown();
  const video = it.shadowRoot?.querySelector('video') ?? null;
  const seen = { framesDecoded: 0, audioEnergy: 0 };
  for (const report of (await it.endpoint?.getStats())?.values() ?? []) {
    if (report.type !== 'inbound-rtp') continue;
    if (report.kind === 'audio') seen.audioEnergy = report.totalAudioEnergy ?? 0;
    if (report.kind === 'video') seen.framesDecoded = report.framesDecoded ?? 0;
  }
  return { connectionState: it.state === 'connected' ? 'connected' : 'new', width: video?.videoWidth ?? 0, brightness: brightnessOf(video), ...seen };
}

const tracks: MediaStreamTrack[] = [];

/** Remembers each track that is captured from now on. */
function watchCapture(): void {
  const { mediaDevices } = navigator;
  const original = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const media = await original(constraints);
    tracks.push(...media.getTracks());
    return media;
  };
}

/** What tests call through `page.evaluate`. */
const page = {
  show,
  playback,
  state: () => shown().state,
  figures: () => shown().shadowRoot?.querySelector('.figures')?.textContent ?? '',
  events: () => events,
  watchCapture,
  captured: () => tracks.map(({ kind, readyState: state, enabled }) => ({ kind, state, enabled })),
  remove: () => shown().remove(),
};

declare global {
  interface Window {
    elements: typeof page;
  }
}

window.elements = page;
