import { MediaError } from '@sluice/core';
import { z } from 'zod';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const MAX_CURSOR_LENGTH = 2048;

/** Query parameters of a list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).describe('Rows of one answer.'),
  cursor: z.string().max(MAX_CURSOR_LENGTH).optional().describe('Where to go on, from the Link header of the answer before.'),
};

/** Where a row stands in its list. */
export interface Position {
  readonly id: string;
  /** Rows are sorted by this, ascending. */
  readonly order: readonly (string | number)[];
}

/** Some rows of a list. */
export interface Page<T> {
  readonly rows: readonly T[];
  /** Undefined at the end. */
  readonly next: string | undefined;
}

const cursorForm = z.tuple([z.string(), z.array(z.union([z.string(), z.number()]))]);

/**
 * The rows behind the cursor. Rows that come and go in between neither repeat nor hide others, as far as their order tells them apart.
 * @throws MediaError ARGUMENT_INVALID for a cursor that this server did not make
 */
export function pageOf<T>(rows: readonly T[], { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }, positionOf: (row: T) => Position): Page<T> {
  const start = cursor === undefined ? 0 : startBehind(rows, readCursor(cursor), positionOf);
  const chosen = rows.slice(start, start + limit);
  const last = chosen.at(-1);
  const hasMore = last !== undefined && start + limit < rows.length;
  return { rows: chosen, next: hasMore ? writeCursor(positionOf(last)) : undefined };
}

function startBehind<T>(rows: readonly T[], last: Position, positionOf: (row: T) => Position): number {
  const same = rows.findIndex((row) => positionOf(row).id === last.id);
  if (same >= 0) return same + 1;
  const behind = rows.findIndex((row) => compare(positionOf(row).order, last.order) >= 0);
  return behind < 0 ? rows.length : behind;
}

function compare(left: Position['order'], right: Position['order']): number {
  for (const [index, value] of left.entries()) {
    const other = right[index];
    if (other === undefined || value === other) continue;
    return value < other ? -1 : 1;
  }
  return 0;
}

function writeCursor({ id, order }: Position): string {
  return Buffer.from(JSON.stringify([id, order])).toString('base64url');
}

function readCursor(cursor: string): Position {
  try {
    const [id, order] = cursorForm.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { id, order };
  } catch (cause) {
    throw new MediaError('ARGUMENT_INVALID', 'The cursor is none that this server has given; begin again without one.', { cause });
  }
}
