import { type Clock, type Logger, MediaError } from '@sluice/core';
import type { ResolvedJwksOptions } from '../options.ts';
import type { VerificationKey } from './algorithms.ts';
import type { JwksFetches } from './jwks-fetches.ts';
import { keysOfSet } from './read-keys.ts';

interface FetchedSet {
  readonly keys: readonly VerificationKey[];
  /** Monotonic. */
  readonly at: number;
}

/** What a {@link RemoteKeySet} works with. */
export interface RemoteKeySetSurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Counts. */
  readonly fetches: JwksFetches;
}

/**
 * The keys behind a JWKS URL. A set is fetched when it is needed, kept for `cacheMs`, and fetched before that when a
 * token names a key that is not in it. What is fetched replaces what was, so keys that are taken out are gone.
 */
export class RemoteKeySet {
  readonly #options: ResolvedJwksOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #fetches: JwksFetches;
  readonly #life = new AbortController();
  #set: FetchedSet | undefined;
  /** Monotonic. */
  #triedAt = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor(options: ResolvedJwksOptions, { clock, logger, fetches }: RemoteKeySetSurroundings) {
    this.#options = options;
    this.#clock = clock;
    this.#fetches = fetches;
    this.#logger = logger.child({ url: withoutQuery(options.url) });
  }

  /** @throws MediaError HOOK_FAILED while no set can be had */
  async find(matches: (key: VerificationKey) => boolean): Promise<readonly VerificationKey[]> {
    if (this.#age() > this.#options.cacheMs) await this.#refresh();
    const found = this.#current().filter(matches);
    if (found.length > 0 || !(await this.#refresh())) return found;
    return this.#current().filter(matches);
  }

  close(): void {
    this.#life.abort();
  }

  #age(): number {
    return this.#clock.monotonic() - (this.#set?.at ?? -Infinity);
  }

  #current(): readonly VerificationKey[] {
    const { cacheMs, staleMs } = this.#options;
    if (this.#set && this.#age() <= cacheMs + staleMs) return this.#set.keys;
    throw new MediaError('HOOK_FAILED', 'The keys of tokens cannot be fetched at the moment; try again later.');
  }

  /** Many at once share one fetch. False when it is too early for another one. */
  async #refresh(): Promise<boolean> {
    if (!this.#fetching && this.#clock.monotonic() - this.#triedAt < this.#options.cooldownMs) return false;
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
    return true;
  }

  async #fetchOnce(): Promise<void> {
    this.#triedAt = this.#clock.monotonic();
    const deadline = new AbortController();
    const cancel = this.#clock.setTimeout(() => deadline.abort(new Error(`no answer within ${this.#options.timeoutMs} ms`)), this.#options.timeoutMs);
    try {
      const keys = keysOfSet(await this.#download(AbortSignal.any([deadline.signal, this.#life.signal])));
      if (keys.length === 0) throw new Error('the set holds no key for RS256, ES256 or EdDSA');
      this.#set = { keys, at: this.#clock.monotonic() };
      this.#fetches.add('fetched');
    } catch (error) {
      if (this.#life.signal.aborted) return;
      this.#fetches.add('failed');
      this.#logger.warn({ err: error }, `The keys of tokens could not be fetched${this.#set ? '; those from before are used as long as they may be' : ''}`);
    } finally {
      cancel();
    }
  }

  async #download(signal: AbortSignal): Promise<unknown> {
    const response = await fetch(this.#options.url, { redirect: 'error', signal, headers: { accept: 'application/jwk-set+json, application/json' } });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`the answer was HTTP ${response.status}`);
    }
    return JSON.parse(await readBounded(response, this.#options.maxBytes));
  }
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (size > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

/** Queries of URLs hold secrets. */
function withoutQuery(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}`;
}
