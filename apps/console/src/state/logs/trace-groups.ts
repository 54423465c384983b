import type { LogLevel } from '@sluice/client';
import { LOG_LEVELS } from '@sluice/client';
import type { LogRow } from './log-row.ts';

/** The rows of one trace. */
export interface TraceGroup {
  readonly traceId: string;
  readonly rows: readonly LogRow[];
  readonly systems: readonly string[];
  /** The gravest. */
  readonly level: LogLevel;
  /** From the first to the last entry, milliseconds. */
  readonly durationMs: number;
}

/** What a line of the list shows. */
export type ListItem = { readonly type: 'row'; readonly row: LogRow; readonly depth: number } | { readonly type: 'trace'; readonly trace: TraceGroup; readonly isOpen: boolean };

/**
 * Brings the rows of each trace together, where its first one stood; rows without a trace stay where they are.
 * @param open ids of traces whose rows are shown
 */
export function groupByTrace(rows: readonly LogRow[], open: ReadonlySet<string>): readonly ListItem[] {
  const traces = new Map<string, LogRow[]>();
  const order: (LogRow | LogRow[])[] = [];
  for (const row of rows) {
    const traceId = row.entry.span?.trace_id;
    const known = traceId === undefined ? undefined : traces.get(traceId);
    if (known) known.push(row);
    else if (traceId === undefined) order.push(row);
    else order.push(begin(traces, traceId, row));
  }
  return order.flatMap((part) => (Array.isArray(part) ? itemsOf(part, open) : [{ type: 'row', row: part, depth: 0 }]));
}

function begin(traces: Map<string, LogRow[]>, traceId: string, row: LogRow): LogRow[] {
  const rows = [row];
  traces.set(traceId, rows);
  return rows;
}

function itemsOf(rows: readonly LogRow[], open: ReadonlySet<string>): readonly ListItem[] {
  const trace = groupOf(rows);
  const isOpen = open.has(trace.traceId);
  if (!isOpen) return [{ type: 'trace', trace, isOpen }];
  const depths = depthsOf(rows);
  return [{ type: 'trace', trace, isOpen }, ...rows.map((row): ListItem => ({ type: 'row', row, depth: 1 + (depths.get(row.entry.span?.id ?? '') ?? 0) }))];
}

function groupOf(rows: readonly LogRow[]): TraceGroup {
  const times = rows.map(({ entry }) => Date.parse(entry.timestamp)).filter((time) => !Number.isNaN(time));
  const least = rows.reduce((gravest, { entry }) => Math.min(gravest, LOG_LEVELS.indexOf(entry.level)), LOG_LEVELS.length - 1);
  return {
    traceId: rows[0]?.entry.span?.trace_id ?? '',
    rows,
    systems: [...new Set(rows.map(({ system }) => system))],
    level: LOG_LEVELS[least] ?? 'DEBUG',
    durationMs: times.reduce((latest, time) => Math.max(latest, time), -Infinity) - times.reduce((earliest, time) => Math.min(earliest, time), Infinity),
  };
}

/** How deep each span stands below the first that is known. A parent that is its own child ends the way up. */
function depthsOf(rows: readonly LogRow[]): ReadonlyMap<string, number> {
  const parents = new Map(rows.map(({ entry }) => [entry.span?.id ?? '', entry.span?.parent_id]));
  const depths = new Map<string, number>();
  for (const id of parents.keys()) {
    const seen = new Set([id]);
    for (let parent = parents.get(id); parent !== undefined && parents.has(parent) && !seen.has(parent); parent = parents.get(parent)) seen.add(parent);
    depths.set(id, seen.size - 1);
  }
  return depths;
}
