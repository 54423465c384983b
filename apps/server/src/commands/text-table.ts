/** Rows as aligned columns for a terminal, with a heading. */
export function textTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, column) => oneLine(cell).padEnd(widths[column] ?? 0)).join('  ').trimEnd());
  return `${lines.join('\n')}\n`;
}

/** Since a wall clock time, in one unit: `40s`, `3m`, `2h`, `5d`. */
export function age(sinceMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Names come from clients: no control character of theirs reaches a terminal. */
function oneLine(text: string): string {
  // What is no text came from something else than a server of ours.
  return (typeof text === 'string' ? text : '?').replaceAll(/\p{Cc}/gu, '?');
}
