import { type EndedSession, MediaError, type SessionRecord, type TransportDiagnosis } from '@sluice/core';
import { z } from 'zod';
import type { ApiHost } from './api-host.ts';
import { type Position, pageOf, pageQuery } from './pagination.ts';
import { PAGE_HEADERS, defineRoute, nextLink } from './route.ts';
import { list, text } from './schemas/schema.ts';
import { session as sessionSchema, sessionDetail, sessionRole, transportState } from './schemas/session.ts';

/** One session, as `GET /api/v1/sessions` lists it. */
export type SessionInfo = z.output<typeof sessionSchema>;

const id = z.strictObject({ id: text });
const yesOrNo = z.enum(['true', 'false']);

const listSessions = defineRoute({
  method: 'get',
  path: '/sessions',
  operationId: 'listSessions',
  summary: 'Open sessions and those that ended lately, the newest first',
  tag: 'Sessions',
  access: 'admin',
  query: z.object({
    ...pageQuery,
    role: sessionRole.optional(),
    type: text.optional(),
    state: transportState.optional(),
    vhost: text.optional(),
    app: text.optional(),
    stream: text.optional(),
    address: text.optional().describe('Of the client.'),
    ended: yesOrNo.optional().describe('Whether those that have ended are listed, or only those; both when absent.'),
  }),
  response: list(sessionSchema),
  responseDescription: 'One page of sessions: open ones before ended ones.',
  responseHeaders: PAGE_HEADERS,
  handle({ query, host, c }) {
    const page = pageOf(sessionsOf(host).filter(fits(query)), query, positionOf);
    return { body: page.rows, headers: nextLink(c, page.next) };
  },
});

const getSession = defineRoute({
  method: 'get',
  path: '/sessions/{id}',
  operationId: 'getSession',
  summary: 'One session, with why its peer is connected or not',
  tag: 'Sessions',
  access: 'admin',
  params: id,
  response: sessionDetail,
  responseDescription: 'The session.',
  errors: ['SESSION_NOT_FOUND'],
  handle({ params, host }) {
    const { sessions } = host.manager;
    const open = sessions.find(params.id);
    if (open) return { body: openDetail(open) };
    const ended = sessions.findEnded(params.id);
    if (ended) return { body: endedDetail(ended) };
    throw new MediaError('SESSION_NOT_FOUND', 'There is no session with this id, and none that ended lately.');
  },
});

const closeSession = defineRoute({
  method: 'delete',
  path: '/sessions/{id}',
  operationId: 'closeSession',
  summary: 'End a session; its peer is told',
  tag: 'Sessions',
  access: 'admin',
  params: id,
  responseDescription: 'It has ended.',
  errors: ['SESSION_NOT_FOUND', 'PLUGIN_FAILED', 'PLUGIN_TIMEOUT'],
  async handle({ params, host }) {
    await host.manager.closeSession(params.id, 'ended by an administrator');
    return { body: undefined };
  },
});

export const sessionRoutes = [listSessions, getSession, closeSession];

function sessionsOf({ manager: { sessions } }: ApiHost): SessionInfo[] {
  return [...sessions.list().toReversed().map(openInfo), ...sessions.listEnded().map(endedInfo)];
}

type Filter = Partial<Record<'role' | 'type' | 'state' | 'vhost' | 'app' | 'stream' | 'address' | 'ended', string | undefined>>;

function fits({ role, type, state, vhost, app, stream, address, ended }: Filter): (session: SessionInfo) => boolean {
  return (session) => {
    const values = [
      [role, session.role],
      [type, session.type],
      [state, session.state],
      [vhost, session.stream?.vhost],
      [app, session.stream?.app],
      [stream, session.stream?.stream],
      [address, session.client.address],
      [ended, String(session.endedAt !== undefined)],
    ];
    return values.every(([wanted, value]) => wanted === undefined || wanted === value);
  };
}

function positionOf({ id: sessionId, createdAt, endedAt }: SessionInfo): Position {
  return { id: sessionId, order: endedAt === undefined ? [0, -createdAt] : [1, -endedAt] };
}

function openInfo(record: SessionRecord): SessionInfo {
  return infoOf(record, record.session.diagnosis?.());
}

function openDetail(record: SessionRecord): z.input<typeof sessionDetail> {
  const diagnosis = record.session.diagnosis?.();
  return { ...infoOf(record, diagnosis), diagnosis, stats: record.session.stats?.() };
}

function endedInfo(ended: EndedSession): SessionInfo {
  return infoOf(ended, ended.diagnosis, ended);
}

function endedDetail(ended: EndedSession): z.input<typeof sessionDetail> {
  return { ...endedInfo(ended), diagnosis: ended.diagnosis, stats: ended.stats };
}

function infoOf(
  { id: sessionId, type, plugin, role, stream, protocol, remote: client, createdAt, grant }: Omit<SessionRecord, 'token' | 'session' | 'query'>,
  diagnosis: TransportDiagnosis | undefined,
  ended?: EndedSession,
): SessionInfo {
  return {
    id: sessionId,
    type,
    plugin,
    role,
    stream,
    protocol,
    client,
    createdAt,
    endedAt: ended?.endedAt,
    endsAt: grant.endsAt,
    state: ended ? 'closed' : diagnosis?.state,
    connected: diagnosis?.connectedAt !== undefined,
    reason: ended?.reason ?? diagnosis?.reason,
  };
}
