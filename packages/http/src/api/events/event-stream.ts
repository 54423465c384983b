import type { Clock, Undo } from '@sluice/core';
import type { EventType } from '../schemas/event.ts';
import type { EventFeed, FeedEvent } from './event-feed.ts';

/** What {@link eventStream} takes. */
export interface EventStreamOptions {
  readonly feed: EventFeed;
  readonly clock: Pick<Clock, 'setTimeout'>;
  readonly heartbeatMs: number;
  /** Events that wait for the client; at more it is cut. */
  readonly maxQueued: number;
  readonly lastEventId: string | undefined;
  /** All when undefined. */
  readonly types: ReadonlySet<EventType> | undefined;
}

/**
 * The events of a server as one client is sent them (text/event-stream of the HTML standard), with a comment now and then
 * that keeps proxies from closing a quiet connection.
 * @throws MediaError EVENT_CLIENT_LIMIT
 */
export function eventStream({ feed, clock, heartbeatMs, maxQueued, lastEventId, types }: EventStreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let isOpen = true;
  let stopHeartbeat: Undo | undefined;
  let unsubscribe: Undo | undefined;

  function end(): void {
    isOpen = false;
    stopHeartbeat?.();
    unsubscribe?.();
  }

  function send(text: string): void {
    if (!isOpen) return;
    if ((controller.desiredSize ?? 0) > 0) return controller.enqueue(encoder.encode(text));
    end();
    feed.countCut();
    controller.error(new Error('The client reads its events too slowly.'));
  }

  function beat(): void {
    stopHeartbeat = clock.setTimeout(() => {
      send(': heartbeat\n\n');
      if (isOpen) beat();
    }, heartbeatMs);
  }

  const stream = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      cancel: end,
    },
    new CountQueuingStrategy({ highWaterMark: maxQueued }),
  );
  send('retry: 2000\n\n');
  unsubscribe = feed.subscribe((event) => {
    if (event.type === 'missed' || (types?.has(event.type) ?? true)) send(textOf(event));
  }, lastEventId);
  // What it had missed may have been too much for it already.
  if (isOpen) beat();
  else unsubscribe();
  return stream;
}

function textOf({ id, type, text }: FeedEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${text}\n\n`;
}
