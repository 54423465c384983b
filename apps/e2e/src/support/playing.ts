import type { Page } from 'playwright-core';
import type { Playback } from '../page/peer.ts';
import { until } from './until.ts';

/** What shows that a player plays, be it a page or another program. */
export type Seen = Pick<Playback, 'connectionState' | 'framesDecoded' | 'width' | 'brightness' | 'audioEnergy'>;

/** What a test expects of a player. */
export interface Expected {
  readonly video?: boolean;
  readonly audio?: boolean;
  readonly deadlineMs?: number;
}

/** Waits until the player of a page really plays. */
export function expectPlaying(page: Page, name: string, expected?: Expected): Promise<Playback> {
  return expectPlayback(name, () => page.evaluate((connection) => window.peer.playback(connection), name), expected);
}

/** Waits until a player really plays: pictures are decoded one after the other, they are not black, and there is sound. */
export async function expectPlayback<T extends Seen>(name: string, read: () => Promise<T> | T, expected: Expected = {}): Promise<T> {
  const { video = true, audio = true, deadlineMs } = expected;
  const start = await read();
  let last = start;
  const plays = async (): Promise<T | undefined> => {
    last = await read();
    const seen = !video || (last.framesDecoded >= start.framesDecoded + 10 && last.width > 0 && last.brightness > 8);
    const heard = !audio || last.audioEnergy > start.audioEnergy;
    return seen && heard && last.connectionState === 'connected' ? last : undefined;
  };
  try {
    return await until(`${name} plays`, plays, deadlineMs);
  } catch (error) {
    throw new Error(`${name} does not play: ${JSON.stringify(last)}`, { cause: error });
  }
}
