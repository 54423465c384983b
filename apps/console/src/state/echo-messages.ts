import { type ReadonlySignal, signal } from '@preact/signals';

/** A message to the echo. */
export interface EchoMessage {
  readonly id: number;
  readonly text: string;
  /** Milliseconds; undefined until it has come back. */
  readonly roundTripMs: number | undefined;
}

/** What was sent to an echo and has come back. */
export interface EchoMessages {
  /** Newest last. */
  readonly messages: ReadonlySignal<readonly EchoMessage[]>;
  sent(text: string): void;
  received(text: string): void;
}

/** Older messages are forgotten. */
const KEPT = 20;

/** Keeps the last messages. `now` gives milliseconds. */
export function createEchoMessages(now: () => number = () => performance.now()): EchoMessages {
  const messages = signal<readonly EchoMessage[]>([]);
  const sentAt = new Map<number, number>();
  let nextId = 1;

  return {
    messages,
    sent(text) {
      const id = nextId;
      nextId += 1;
      sentAt.set(id, now());
      messages.value = [...messages.value, { id, text, roundTripMs: undefined }].slice(-KEPT);
    },
    received(text) {
      const back = messages.value.find((message) => message.text === text && message.roundTripMs === undefined);
      if (!back) return;
      const roundTripMs = now() - (sentAt.get(back.id) ?? now());
      sentAt.delete(back.id);
      messages.value = messages.value.map((message) => (message === back ? { ...back, roundTripMs } : message));
    },
  };
}
