/** What says a setting; what counts more stands further right. */
export type SourceKind = 'file' | 'state' | 'environment' | 'flag';

/** Where a value was given. */
export interface Place {
  /** `/etc/sluice.yaml:3`, or the name of the variable or flag. */
  readonly where: string;
  /** What the setting is called there, when not by its own name: `hook.timeoutSec`. */
  readonly name?: string | undefined;
}

/** Settings from one place, not checked yet. */
export interface Source {
  readonly kind: SourceKind;
  /** In groups, as the schema has them. */
  readonly value: unknown;
  /** Where the value of a path is; the longest part of it that is known counts. */
  readonly placeOf: (path: readonly PropertyKey[]) => Place;
  /** What is wrong with it beyond what the schema sees; one sentence each. */
  readonly problems?: readonly string[] | undefined;
  /** Keys that mean nothing here, and are no fault. */
  readonly ignored?: readonly IgnoredKey[] | undefined;
}

/** A key of another program's config file that is left out. */
export interface IgnoredKey {
  readonly key: string;
  readonly line: number;
  /** Why, where an operator might expect otherwise. */
  readonly reason?: string | undefined;
}

/** Finds places by the lines of a file. */
export function placesByLine(file: string, lineOf: (path: readonly PropertyKey[]) => number | undefined): Source['placeOf'] {
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const line = lineOf(path.slice(0, length));
      if (line !== undefined) return { where: `${file}:${line}` };
    }
    return { where: file };
  };
}
