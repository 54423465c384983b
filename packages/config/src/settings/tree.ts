/** A group of settings, or names that an operator chose. */
export type Tree = Readonly<Record<string, unknown>>;

/** Whether a value is a group of settings: plain, not a plugin or another object of a class. */
export function isTree(value: unknown): value is Tree {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The settings of both; where both have one, that of `over`. Lists are replaced, not joined. */
export function mergeTrees(base: Tree, over: Tree): Tree {
  const merged = Object.entries(over).map(([key, value]) => {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isTree(value) && isTree(below) ? mergeTrees(below, value) : value] as const;
  });
  return Object.fromEntries([...Object.entries(base), ...merged]);
}

/** A group with one value at a path. */
export function treeOf(path: readonly PropertyKey[], value: unknown): Tree {
  const [step = '', ...rest] = path;
  return Object.fromEntries([[String(step), rest.length === 0 ? value : treeOf(rest, value)]]);
}

/** What stands at a path; undefined when nothing does. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? Reflect.get(inner, key) : undefined), value);
}

/**
 * A change by a JSON merge patch (RFC 7396): null takes a value away, a group is changed member by member.
 */
export function patchTree(base: Tree, patch: Tree): Tree {
  const changed = Object.entries(patch).map(([key, value]) => {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isTree(value) ? patchTree(isTree(below) ? below : {}, value) : value] as const;
  });
  const all = Object.fromEntries([...Object.entries(base), ...changed]);
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}
