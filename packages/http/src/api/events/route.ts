import { MediaError, systemClock } from '@sluice/core';
import { z } from 'zod';
import { EVENT_TYPES } from '../schemas/event.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { text } from '../schemas/schema.ts';
import { eventStream } from './event-stream.ts';

const query = z.object({
  types: text.optional().describe(`Some of ${EVENT_TYPES.join(', ')}, with commas between; all when absent.`),
  lastEventId: text.optional().describe('What the header Last-Event-ID says, for clients that cannot set it.'),
});

const described = defineRoute({
  method: 'get',
  path: '/events',
  operationId: 'listenToEvents',
  summary: 'Changes as they happen, as server-sent events',
  description:
    'Each event has an id, a name and data in JSON, in the form of the schema of its name: StreamChangedEvent, SessionOpenedEvent, SessionStateEvent, SessionClosedEvent. Who comes back with Last-Event-ID is told what it has missed, or, when that is not kept any more, one event `missed`. Comments keep the connection alive; a client that reads too slowly is cut.',
  tag: 'Events',
  access: 'admin',
  query,
  response: text,
  responseDescription: 'Events, until one side closes.',
  errors: ['EVENT_CLIENT_LIMIT'],
  handle: () => ({ body: '' }),
});

/** The one route whose answer is no JSON. */
export const eventRoute: ApiRoute = {
  ...described,
  responseType: 'text/event-stream',
  async answer(c, host) {
    const types = c.req.query('types');
    const stream = eventStream({
      feed: host.events,
      clock: systemClock,
      heartbeatMs: host.eventOptions.heartbeatMs,
      maxQueued: host.eventOptions.maxQueued,
      lastEventId: c.req.header('last-event-id') ?? c.req.query('lastEventId'),
      types: types === undefined ? undefined : new Set(types.split(',').map(eventType)),
    });
    // nginx would gather them.
    return c.body(stream, 200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
  },
};

function eventType(name: string): (typeof EVENT_TYPES)[number] {
  const type = EVENT_TYPES.find((known) => known === name);
  if (type) return type;
  throw new MediaError('ARGUMENT_INVALID', `There are no events ${JSON.stringify(name.slice(0, 64))}; there are ${EVENT_TYPES.join(', ')}.`);
}
