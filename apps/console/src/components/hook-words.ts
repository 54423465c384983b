import type { HookTarget } from '../api/server-hooks.ts';
import type { Standing } from './server-session-words.ts';

/** How a target stands: the breaker says whether it is asked at all, the failures what came of it. */
export function breakerStanding({ breaker, asked, failed, deadLetters }: Pick<HookTarget, 'breaker' | 'asked' | 'failed' | 'deadLetters'>): Standing {
  if (breaker === 'open') return { word: 'Breaker open', tone: 'bad' };
  if (breaker === 'half-open') return { word: 'Trying again', tone: 'warn' };
  if (asked === 0) return { word: 'Not called yet', tone: 'quiet' };
  return failed > 0 || deadLetters > 0 ? { word: 'Some calls failed', tone: 'warn' } : { word: 'Healthy', tone: 'good' };
}
