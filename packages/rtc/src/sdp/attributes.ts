import type { SdpLine } from '@sluice/core';

/** The attribute lines (RFC 8866 section 5.13) of the session or of one m-line. */
export class Attributes {
  readonly #values = new Map<string, string[]>();

  add(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).trim();
    const values = this.#values.get(name);
    if (values) values.push(value);
    else this.#values.set(name, [value]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value of the first line of this name; empty for a property attribute such as `a=rtcp-mux`. */
  first(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

/** An m-line, without `m=`, and its attributes. */
export interface MediaBlock {
  readonly line: string;
  readonly attributes: Attributes;
}

/** Groups the lines of a description by what they belong to. */
export function groupLines(lines: readonly SdpLine[]): { session: Attributes; media: MediaBlock[] } {
  const session = new Attributes();
  const media: MediaBlock[] = [];
  let current = session;
  for (const { type, value } of lines) {
    if (type === 'm') {
      current = new Attributes();
      media.push({ line: value, attributes: current });
    }
    if (type === 'a') current.add(value);
  }
  return { session, media };
}
