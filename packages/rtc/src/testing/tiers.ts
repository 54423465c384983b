import { loadNativeLibrary } from '../native/native-functions.ts';
import type { RtcTier } from '../tier.ts';

/** The tiers that work on this machine, for tests that each has to pass. */
export async function availableTiers(): Promise<readonly RtcTier[]> {
  return typeof (await loadNativeLibrary()) === 'string' ? ['portable'] : ['portable', 'native'];
}
