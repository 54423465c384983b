import { jsonField, jsonText } from './json.ts';
import { requestErrorOf } from './request-error.ts';
import { serverSessionsUrl } from './urls.ts';

/** A session as the server lists it. Times are its wall clock, milliseconds. */
export interface ServerSession {
  readonly id: string;
  readonly type: string;
  readonly role: 'publisher' | 'viewer' | 'other';
  readonly stream?: { readonly app: string; readonly stream: string } | undefined;
  readonly protocol: string;
  readonly client: RemoteSocket;
  readonly createdAt: number;
  readonly endedAt?: number | undefined;
  readonly state?: ConnectionState | undefined;
  /** Whether its peer ever connected. */
  readonly connected: boolean;
  /** Why it has ended, or what it waits for. */
  readonly reason?: string | undefined;
}

/** A session in full; one without a peer connection has no diagnosis. */
export interface ServerSessionDetail extends ServerSession {
  readonly diagnosis?: Diagnosis | undefined;
  readonly stats?: { readonly bytesReceived: number; readonly bytesSent: number; readonly currentRoundTripTime?: number | undefined } | undefined;
}

export type ConnectionState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'closed';

export interface RemoteSocket {
  readonly address: string;
  readonly port: number;
}

export interface Candidate extends RemoteSocket {
  readonly protocol: string;
  readonly type: string;
}

/** The connectivity checks that came from one address. */
export interface Checks extends RemoteSocket {
  readonly protocol: string;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly nominated: boolean;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Why a peer is connected or not. */
export interface Diagnosis {
  readonly state: ConnectionState;
  readonly reason?: string | undefined;
  readonly startedAt: number;
  readonly connectedAt?: number | undefined;
  readonly closedAt?: number | undefined;
  readonly localCandidates: readonly Candidate[];
  readonly remoteCandidates: readonly Candidate[];
  readonly checks: readonly Checks[];
  readonly pair?: { readonly protocol: string; readonly remote: RemoteSocket; readonly nominated: boolean; readonly since: number; readonly moves: number } | undefined;
  readonly dtls: { readonly state: 'waiting' | 'handshake' | 'connected'; readonly firstAt?: number | undefined; readonly connectedAt?: number | undefined };
  readonly unlisted: { readonly remoteCandidates: number; readonly checks: number };
}

/** Longer than this, and the server counts as away. */
const TIMEOUT_MS = 5_000;

/**
 * Open sessions and those that ended lately, or `denied` when the server wants another admin token.
 * @throws RequestError when it refuses otherwise, TypeError or a TimeoutError when it does not answer
 */
export async function fetchServerSessions(page: string, token: string): Promise<readonly ServerSession[] | 'denied'> {
  const response = await ask(serverSessionsUrl(page), token);
  if (response.status === 401) return 'denied';
  if (!response.ok) throw await requestErrorOf(response);
  const rows: unknown = await response.json();
  return Array.isArray(rows) ? rows.filter(isServerSession) : [];
}

/**
 * One session; undefined when the server has forgotten it.
 * @throws RequestError when it refuses, TypeError or a TimeoutError when it does not answer
 */
export async function fetchServerSession(page: string, token: string, id: string): Promise<ServerSessionDetail | undefined> {
  const response = await ask(serverSessionsUrl(page, id), token);
  if (response.status === 404) return undefined;
  if (!response.ok) throw await requestErrorOf(response);
  const session: unknown = await response.json();
  return isServerSession(session) ? session : undefined;
}

function ask(url: string, token: string): Promise<Response> {
  const headers: Record<string, string> = token === '' ? {} : { Authorization: `Bearer ${token}` };
  return fetch(url, { cache: 'no-store', headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
}

/** Rows come from our own server; this only keeps the page whole should something else answer. */
function isServerSession(row: unknown): row is ServerSession {
  return jsonText(row, 'id') !== undefined && jsonText(row, 'type') !== undefined && typeof jsonField(row, 'client') === 'object';
}
