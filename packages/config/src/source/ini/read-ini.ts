/** One line of a config.ini that says something. */
export interface IniEntry {
  /** `hook.timeoutSec` */
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** What {@link readIni} has found. */
export interface IniContent {
  readonly entries: readonly IniEntry[];
  /** Lines that are neither a section nor `key=value`. */
  readonly malformedLines: readonly number[];
}

/**
 * Reads a config.ini as ZLMediaKit does: `[section]`, `key=value`, comments on lines of their own behind `#` or `;`.
 * The value is all behind the first `=`, so URLs may hold more of them, and `;` and `#` too.
 */
export function readIni(text: string): IniContent {
  const entries: IniEntry[] = [];
  const malformedLines: number[] = [];
  let section = '';
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const equals = line.indexOf('=');
    if (line.startsWith('[') && line.endsWith(']')) section = line.slice(1, -1).trim();
    else if (equals < 1) malformedLines.push(index + 1);
    else entries.push({ key: keyOf(section, line.slice(0, equals).trim()), value: line.slice(equals + 1).trim(), line: index + 1 });
  }
  return { entries, malformedLines };
}

function keyOf(section: string, name: string): string {
  return section === '' ? name : `${section}.${name}`;
}
