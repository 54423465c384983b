import { type ServerConfig, changedSettings } from '@sluice/config';
import type { Logger } from '@sluice/core';
import type { ConfigurationChange } from '@sluice/http';
import type { LivePart } from './live-part.ts';

/** What each part of a server has taken last. */
interface TakenPart extends LivePart {
  taken: ServerConfig;
}

/** The configuration that a server runs with, and what of another one it can take without a restart. */
export class LiveConfig {
  readonly #logger: Logger;
  readonly #started: ServerConfig;
  readonly #parts: readonly TakenPart[];
  readonly #listeners: ((config: ServerConfig) => void)[] = [];

  /** @param started with which all parts were made */
  constructor({ logger, started, parts }: { readonly logger: Logger; readonly started: ServerConfig; readonly parts: readonly LivePart[] }) {
    this.#logger = logger;
    this.#started = started;
    this.#parts = parts.map((part) => ({ ...part, taken: started }));
  }

  /** Told of each configuration that has been taken. */
  onApplied(listener: (config: ServerConfig) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Gives each part what is new for it. Live sessions go on. When one refuses, those before it get their old settings back.
   * @throws MediaError saying what is wrong
   */
  async apply(next: ServerConfig): Promise<ConfigurationChange> {
    const done: { readonly part: TakenPart; readonly keys: readonly string[] }[] = [];
    const needsRestart = changedSettings(this.#started, next).filter((key) => !this.#parts.some((part) => part.has(key)));
    try {
      for (const part of this.#parts) {
        const keys = changedSettings(part.taken, next).filter(part.has);
        if (keys.length === 0) continue;
        // One after the other, so that it is known which had theirs.
        if (await part.take(next)) done.push({ part, keys });
        else needsRestart.push(...keys);
      }
    } catch (error) {
      await this.#takeBack(done.map(({ part }) => part));
      throw error;
    }
    for (const { part } of done) part.taken = next;
    for (const listener of this.#listeners) listener(next);
    return this.#say({ applied: done.flatMap(({ keys }) => keys), needsRestart, ignored: [] });
  }

  async #takeBack(parts: readonly TakenPart[]): Promise<void> {
    for (const part of parts.toReversed()) {
      try {
        await part.take(part.taken);
      } catch (error) {
        this.#logger.error({ err: error }, 'A part of the server did not take its old settings back');
      }
    }
  }

  #say(change: ConfigurationChange): ConfigurationChange {
    const { applied, needsRestart } = change;
    if (applied.length > 0) this.#logger.info({ applied }, `The configuration has changed: ${applied.join(', ')}`);
    if (needsRestart.length > 0) this.#logger.warn({ needsRestart }, `Changed, but counts only after a restart: ${needsRestart.join(', ')}`);
    return change;
  }
}
