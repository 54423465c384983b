import type { AdminRequest } from './admin-request.ts';
import { jsonField, jsonText } from './json.ts';
import { type Listing, fetchPages } from './pages.ts';
import { isNotFound } from './request-error.ts';

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

/** Open sessions and those that ended lately. */
export function fetchServerSessions(request: AdminRequest): Promise<Listing<ServerSession>> {
  return fetchPages(request, 'api/v1/sessions', isServerSession);
}

/** One session; undefined when the server has forgotten it. */
export async function fetchServerSession(request: AdminRequest, id: string): Promise<ServerSessionDetail | undefined> {
  try {
    const session: unknown = await (await request(sessionPath(id))).json();
    return isServerSession(session) ? session : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Ends a session; its peer is told. */
export async function endServerSession(request: AdminRequest, id: string): Promise<void> {
  await request(sessionPath(id), { method: 'DELETE' });
}

function sessionPath(id: string): string {
  return `api/v1/sessions/${encodeURIComponent(id)}`;
}

/** Rows come from our own server; this only keeps the page whole should something else answer. */
function isServerSession(row: unknown): row is ServerSession {
  return jsonText(row, 'id') !== undefined && jsonText(row, 'type') !== undefined && typeof jsonField(row, 'client') === 'object';
}
