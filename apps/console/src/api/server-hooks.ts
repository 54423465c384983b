import type { AdminRequest } from './admin-request.ts';
import { jsonField, jsonText } from './json.ts';
import { type Listing, fetchPages } from './pages.ts';

/** A URL that is asked or told at a hook. */
export interface HookTarget {
  readonly plugin: string;
  readonly hook: string;
  readonly url: string;
  /** `open` = it has failed too often and is not asked for a while. */
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly asked: number;
  readonly failed: number;
  readonly latencyMs?: number | undefined;
  readonly queueLength: number;
  readonly dropped: number;
  readonly deadLetters: number;
  readonly lastError?: string | undefined;
}

/** A notification that was given up. */
export interface DeadLetter {
  readonly plugin: string;
  readonly id: string;
  readonly hook: string;
  readonly url: string;
  /** Wall clock of the server, milliseconds. */
  readonly failedAt: number;
  readonly attempts: number;
  readonly reason: string;
}

/** A plugin of the server. */
export interface ServerPlugin {
  readonly name: string;
  readonly version?: string | undefined;
  readonly types: readonly string[];
  readonly hooks: readonly string[];
  readonly setUpMs?: number | undefined;
}

/** What the view of hooks shows. */
export interface HooksReport {
  readonly targets: readonly HookTarget[];
  readonly deadLetters: Listing<DeadLetter>;
  readonly plugins: readonly ServerPlugin[];
}

/** Everything about hooks and plugins. */
export async function fetchHooksReport(request: AdminRequest): Promise<HooksReport> {
  const [targets, deadLetters, plugins] = await Promise.all([
    fetchRows(request, 'api/v1/hooks', isHookTarget),
    fetchPages(request, 'api/v1/hooks/dead-letters', isDeadLetter),
    fetchRows(request, 'api/v1/plugins', isPlugin),
  ]);
  return { targets, deadLetters, plugins };
}

/**
 * Queues dead letters again.
 * @param id of one; all without
 * @returns how many
 */
export async function replayDeadLetters(request: AdminRequest, id?: string): Promise<number> {
  const which = id === undefined ? '' : `/${encodeURIComponent(id)}`;
  const response = await request(`api/v1/hooks/dead-letters${which}/replay`, { method: 'POST' });
  return countOf(await response.json(), 'replayed');
}

/** Makes hooks forget the answers that they keep. @returns how many */
export async function purgeHookCache(request: AdminRequest): Promise<number> {
  const response = await request('api/v1/hooks/cache', { method: 'DELETE' });
  return countOf(await response.json(), 'purged');
}

async function fetchRows<T>(request: AdminRequest, path: string, isRow: (row: unknown) => row is T): Promise<readonly T[]> {
  const response = await request(path);
  const rows: unknown = await response.json();
  return Array.isArray(rows) ? rows.filter(isRow) : [];
}

function countOf(body: unknown, name: string): number {
  const count = jsonField(body, name);
  return typeof count === 'number' ? count : 0;
}

function isHookTarget(row: unknown): row is HookTarget {
  return jsonText(row, 'hook') !== undefined && jsonText(row, 'url') !== undefined && jsonText(row, 'breaker') !== undefined;
}

function isDeadLetter(row: unknown): row is DeadLetter {
  return jsonText(row, 'id') !== undefined && jsonText(row, 'hook') !== undefined;
}

function isPlugin(row: unknown): row is ServerPlugin {
  return jsonText(row, 'name') !== undefined && Array.isArray(jsonField(row, 'types')) && Array.isArray(jsonField(row, 'hooks'));
}
