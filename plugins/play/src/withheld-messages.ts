import type { Logger, MetricFamily } from '@sluice/core';

/** Counts messages of viewers that may not control their stream, and says once of each session that there are some. */
export class WithheldMessages {
  readonly #logger: Logger;
  #count = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @returns what is to be called for each one of this session */
  ofSession(session: string): () => void {
    let wasSaid = false;
    return () => {
      this.#count += 1;
      if (wasSaid) return;
      wasSaid = true;
      this.#logger.info({ session }, 'Messages of this viewer are withheld, because it may not control the stream');
    };
  }

  /** For a metrics page. */
  collect(): readonly MetricFamily[] {
    return [{ name: 'sluice_play_messages_withheld_total', type: 'counter', help: 'Messages of viewers that may not control their stream.', samples: [{ value: this.#count }] }];
  }
}
