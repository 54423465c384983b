import { type ReadonlySignal, signal } from '@preact/signals';
import type { StreamName } from '../api/stream-name.ts';
import { echoUrl, whepUrl, whipUrl } from '../api/urls.ts';
import type { SourceKind } from '../webrtc/capture.ts';
import { type Session, type SessionOptions, createSession } from './session.ts';

/** The cards of the page. */
export interface Sessions {
  /** Newest first. */
  readonly list: ReadonlySignal<readonly Session[]>;
  play(name: StreamName): void;
  publish(name: StreamName, source: SourceKind): void;
  echo(source: SourceKind): void;
  /** Stops a session and takes its card away. */
  dismiss(session: Session): void;
  /** Stops everything, for when the page goes away. */
  stopAll(): void;
}

const ECHO_NAME: StreamName = { app: 'live', stream: 'echo', query: '' };

/** Makes the store of sessions for a page at this address. */
export function createSessions(page: string): Sessions {
  const list = signal<readonly Session[]>([]);
  let nextId = 1;

  function add(options: Omit<SessionOptions, 'id'>): void {
    const session = createSession({ ...options, id: nextId });
    nextId += 1;
    list.value = [session, ...list.value];
    void session.start();
  }

  return {
    list,
    play: (name) => add({ kind: 'play', name, url: whepUrl(page, name) }),
    publish: (name, source) => add({ kind: 'publish', name, source, url: whipUrl(page, name) }),
    echo: (source) => add({ kind: 'echo', name: ECHO_NAME, source, url: echoUrl(page) }),
    dismiss(session) {
      list.value = list.value.filter((other) => other !== session);
      void session.stop();
    },
    stopAll() {
      for (const session of list.value) void session.stop();
    },
  };
}
