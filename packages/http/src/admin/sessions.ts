import { type EndedSession, MediaError, type RemoteAddress, type SessionRecord, type StreamKey, type TransportDiagnosis, type TransportState, type TransportStats } from '@sluice/core';
import { Hono } from 'hono';
import { methodNotAllowed } from '../errors/problem.ts';
import type { Host } from '../host.ts';

const PATH = '/api/v1/sessions';

/** One session, as `GET /api/v1/sessions` lists it. Times are wall clock, milliseconds since 1970. */
export interface SessionInfo {
  readonly id: string;
  readonly type: string;
  readonly plugin: string;
  readonly role: SessionRecord['role'];
  /** Undefined for types without a stream, such as echo. */
  readonly stream: StreamKey | undefined;
  /** The front door it came by. */
  readonly protocol: string;
  /** Where the request came from; media may come from elsewhere. */
  readonly client: RemoteAddress;
  readonly createdAt: number;
  /** Undefined while the session is open. */
  readonly endedAt: number | undefined;
  /** Undefined for a session without a peer connection. */
  readonly state: TransportState | undefined;
  /** Whether the peer ever connected. */
  readonly connected: boolean;
  /** Why it has ended, or what it waits for; undefined while all is well. */
  readonly reason: string | undefined;
}

/** One session in full, as `GET /api/v1/sessions/{id}` gives it. */
export interface SessionDetail extends SessionInfo {
  readonly diagnosis: TransportDiagnosis | undefined;
  readonly stats: TransportStats | undefined;
}

/** `GET /api/v1/sessions` and `GET /api/v1/sessions/{id}`, for open sessions and those that ended lately. */
export function sessionRoutes(host: Host): Hono {
  const app = new Hono();
  const { sessions } = host.manager;
  app.use(PATH, host.adminOnly);
  app.use(`${PATH}/:id`, host.adminOnly);
  app.get(PATH, (c) => c.json([...sessions.list().toReversed().map(openInfo), ...sessions.listEnded().map(endedInfo)]));
  app.get(`${PATH}/:id`, (c) => {
    const id = c.req.param('id');
    const open = sessions.find(id);
    if (open) return c.json(openDetail(open));
    const ended = sessions.findEnded(id);
    if (ended) return c.json(endedDetail(ended));
    throw new MediaError('SESSION_NOT_FOUND', 'There is no session with this id, and none that ended lately.');
  });
  for (const path of [PATH, `${PATH}/:id`]) app.all(path, () => methodNotAllowed(['GET', 'HEAD']));
  return app;
}

function openInfo(record: SessionRecord): SessionInfo {
  return infoOf(record, record.session.diagnosis?.());
}

function openDetail(record: SessionRecord): SessionDetail {
  const diagnosis = record.session.diagnosis?.();
  return { ...infoOf(record, diagnosis), diagnosis, stats: record.session.stats?.() };
}

function endedInfo(ended: EndedSession): SessionInfo {
  return infoOf(ended, ended.diagnosis, ended);
}

function endedDetail(ended: EndedSession): SessionDetail {
  return { ...endedInfo(ended), diagnosis: ended.diagnosis, stats: ended.stats };
}

function infoOf(
  { id, type, plugin, role, stream, protocol, remote: client, createdAt }: Omit<SessionRecord, 'token' | 'session' | 'query'>,
  diagnosis: TransportDiagnosis | undefined,
  ended?: EndedSession,
): SessionInfo {
  return {
    id,
    type,
    plugin,
    role,
    stream,
    protocol,
    client,
    createdAt,
    endedAt: ended?.endedAt,
    state: ended ? 'closed' : diagnosis?.state,
    connected: diagnosis?.connectedAt !== undefined,
    reason: ended?.reason ?? diagnosis?.reason,
  };
}
