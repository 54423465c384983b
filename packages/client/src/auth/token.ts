import type { Clock } from '../time/clock.ts';

/** A token, or a function that is asked for one before each connection, because tokens run out. Undefined = none. */
export type Token = string | (() => string | undefined | Promise<string | undefined>);

/** How long a function may take. */
export interface TokenDeadline {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Nobody needs it any more. */
  readonly signal: AbortSignal;
}

/**
 * The token of this moment.
 * @throws what the function throws; Error when it is late or not needed any more
 */
export async function askToken(token: Token | undefined, { clock, timeoutMs, signal }: TokenDeadline): Promise<string | undefined> {
  if (typeof token !== 'function') return token;
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = clock.setTimeout(() => reject(new Error(`The token did not come within ${timeoutMs} ms.`)), timeoutMs);
  signal.addEventListener('abort', () => reject(new Error('The token is not needed any more.')), { once: true });
  const asked = async (): Promise<string | undefined> => token();
  return Promise.race([asked(), promise]).finally(cancel);
}
