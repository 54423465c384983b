import { MediaError } from './errors.ts';

/** Lets the work of a manager come to its end by itself, while no more is taken. */
export class Drain {
  readonly #countOpen: () => number;
  readonly #empty = Promise.withResolvers<void>();
  #isDraining = false;

  /** @param countOpen how many sessions and negotiations there are */
  constructor(countOpen: () => number) {
    this.#countOpen = countOpen;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Resolves when nothing is open any more. */
  begin(): Promise<void> {
    this.#isDraining = true;
    this.check();
    return this.#empty.promise;
  }

  /** Something has ended. */
  check(): void {
    if (this.#isDraining && this.#countOpen() === 0) this.#empty.resolve();
  }

  /** @throws MediaError MANAGER_DRAINING */
  refuseIfDraining(): void {
    if (this.#isDraining) throw new MediaError('MANAGER_DRAINING', 'The server is about to stop and takes no new sessions; ask another one, or try again later.');
  }
}
