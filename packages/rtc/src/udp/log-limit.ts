/**
 * Whether the `count`-th occurrence of an event should be logged: the first,
 * second, fourth, eighth …, so that a flood of events is no flood of lines.
 */
export function isWorthLogging(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}
