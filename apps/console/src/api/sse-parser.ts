/** One event of a text/event-stream. */
export interface SseMessage {
  /** Of the last event that had one; empty when none had. */
  readonly id: string;
  /** `message` when the stream names none. */
  readonly type: string;
  readonly data: string;
}

/** Reads a text/event-stream piece by piece. */
export interface SseParser {
  /** What a client says as Last-Event-ID when it comes back. */
  readonly lastEventId: string;
  /** Milliseconds that the server wants to be left alone before a client comes back; undefined until it says so. */
  readonly retryMs: number | undefined;
  /**
   * Takes the next piece, which may end anywhere, and gives the events that are complete now.
   * @throws RangeError for an event of more than a million characters, which no server of ours sends
   */
  push(text: string): readonly SseMessage[];
}

const MAX_EVENT_LENGTH = 1_000_000;
const LINE_END = /\r\n|\r|\n/;

/**
 * Parses as "Interpreting an event stream" of the HTML standard says, because EventSource cannot send an Authorization header.
 * @param lastEventId of the connection before
 */
export function createSseParser(lastEventId = ''): SseParser {
  let rest = '';
  let isFirst = true;
  let id = lastEventId;
  let idOfEvent = lastEventId;
  let type = '';
  let data: string[] = [];
  let length = 0;
  let retryMs: number | undefined;

  function takeLines(text: string): string[] {
    rest += isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text;
    isFirst &&= text === '';
    // A CR at the end may be the first half of CRLF.
    const held = rest.endsWith('\r') ? '\r' : '';
    const lines = rest.slice(0, rest.length - held.length).split(LINE_END);
    rest = (lines.pop() ?? '') + held;
    return lines;
  }

  function takeField(line: string): void {
    const [, name = line, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'event') type = value;
    if (name === 'data') data.push(value);
    if (name === 'id' && !value.includes('\0')) idOfEvent = value;
    if (name === 'retry' && /^\d{1,9}$/.test(value)) retryMs = Number(value);
  }

  function dispatch(): SseMessage | undefined {
    const message = { id: idOfEvent, type: type || 'message', data: data.join('\n') };
    const isEmpty = data.length === 0;
    id = idOfEvent;
    type = '';
    data = [];
    length = 0;
    return isEmpty ? undefined : message;
  }

  function take(line: string): SseMessage | undefined {
    if (line === '') return dispatch();
    length += line.length;
    if (!line.startsWith(':')) takeField(line);
    return undefined;
  }

  return {
    get lastEventId() {
      return id;
    },
    get retryMs() {
      return retryMs;
    },
    push(text) {
      const messages = takeLines(text)
        .map(take)
        .filter((message) => message !== undefined);
      if (length + rest.length > MAX_EVENT_LENGTH) throw new RangeError(`An event is longer than ${MAX_EVENT_LENGTH} characters.`);
      return messages;
    },
  };
}
