/** What a plugin does against the contract. Its message says what, and what to do. */
export class Fault extends Error {
  override readonly name = 'Fault';
}

/** @throws Fault with `sentence` unless the condition holds */
export function demand(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Fault(sentence);
}

/** The words of anything thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What to do about state that two managers share. */
export const NO_MODULE_STATE = 'keep all state inside the factory or setup, none in variables of the module.';
