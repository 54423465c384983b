import { type ReadonlySignal, signal } from '@preact/signals';
import { RequestError } from '../api/request-error.ts';

/** What has become of something that the administrator did. */
export interface Notice {
  readonly text: string;
  readonly tone: 'good' | 'bad';
}

/** Says one thing at a time, for a few seconds. */
export interface Notices {
  readonly current: ReadonlySignal<Notice | undefined>;
  /** Does it, and says how that went. */
  attempt(task: () => Promise<string>): Promise<void>;
}

const SHOWN_MS = 6_000;

/** Nothing to say yet. */
export function createNotices(): Notices {
  const current = signal<Notice>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function say(notice: Notice): void {
    clearTimeout(timer);
    current.value = notice;
    timer = setTimeout(() => {
      current.value = undefined;
    }, SHOWN_MS);
  }

  return {
    current,
    async attempt(task) {
      try {
        say({ text: await task(), tone: 'good' });
      } catch (error) {
        say({ text: error instanceof RequestError ? error.message : 'The server does not answer. Try again.', tone: 'bad' });
      }
    },
  };
}
