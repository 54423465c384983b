import type { ServerEvent, ServerEventType } from '../api/server-events.ts';

/** Kinds of events that a person tells apart. */
export type EventKind = Exclude<ServerEventType, 'missed'>;

export const EVENT_KINDS: readonly EventKind[] = ['stream-changed', 'session-opened', 'session-state', 'session-closed'];

/** What of the log is shown. */
export interface EventFilter {
  readonly kinds: ReadonlySet<EventKind>;
  /** Every word of it must stand somewhere in the event, in capitals or not. */
  readonly text: string;
}

/** Those that fit. A gap always does, because what fell into it may have fitted. */
export function filterEvents<E extends ServerEvent>(events: readonly E[], { kinds, text }: EventFilter): readonly E[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return events.filter((event) => event.type === 'missed' || (kinds.has(event.type) && hasWords(event, words)));
}

function hasWords({ type, data }: ServerEvent, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const searched = `${type} ${textsOf(data).join(' ')}`.toLowerCase();
  return words.every((word) => searched.includes(word));
}

/** A stream also as a person writes it, `live/demo`. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? [value] : [];
  const { app, stream } = { app: '', stream: '', ...value };
  return [...Object.values(value).flatMap(textsOf), ...(app === '' ? [] : [`${app}/${stream}`])];
}
