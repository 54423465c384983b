import type { Page } from 'playwright-core';
import type { Playback } from '../page/peer.ts';
import { until } from './until.ts';

/** Waits until a viewer really plays: pictures are decoded one after the other, they are not black, and there is sound. */
export async function expectPlaying(page: Page, name: string, media: { readonly video?: boolean; readonly audio?: boolean } = {}): Promise<Playback> {
  const { video = true, audio = true } = media;
  let last: Playback | undefined;
  const start = await playback(page, name);
  try {
    return await until(`${name} plays`, async () => {
      last = await playback(page, name);
      const seen = !video || (last.framesDecoded >= start.framesDecoded + 10 && last.width > 0 && last.brightness > 8);
      const heard = !audio || last.audioEnergy > start.audioEnergy;
      return seen && heard && last.connectionState === 'connected' ? last : undefined;
    });
  } catch (error) {
    throw new Error(`${name} does not play: ${JSON.stringify(last)}`, { cause: error });
  }
}

function playback(page: Page, name: string): Promise<Playback> {
  return page.evaluate((connection) => window.peer.playback(connection), name);
}
