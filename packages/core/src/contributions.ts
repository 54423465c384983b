import type { Undo } from './clock.ts';
import type { ExtensionPoint } from './extension-points.ts';
import type { Contribution } from './manager-types.ts';

/** What plugins offer at extension points. */
export class Contributions {
  readonly #entries = new Map<string, Contribution<unknown>[]>();

  add<T>(plugin: string, point: ExtensionPoint<T>, value: T): Undo {
    const contribution = { plugin, value };
    this.#entries.set(point.name, [...(this.#entries.get(point.name) ?? []), contribution]);
    return () => {
      const left = (this.#entries.get(point.name) ?? []).filter((other) => other !== contribution);
      this.#entries.set(point.name, left);
    };
  }

  list<T>(point: ExtensionPoint<T>): readonly Contribution<T>[] {
    // What stands under a point's name was added with that point, so it has its type.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return (this.#entries.get(point.name) ?? []) as readonly Contribution<T>[];
  }
}
