/** Deeper than this some decoders of JSON give up on the whole message. */
const MAX_DEPTH = 32;

/** Whether objects and arrays are within each other at most 32 times. */
export function isSanelyNested(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth < MAX_DEPTH && Object.values(value).every((member) => isSanelyNested(member, depth + 1));
}
