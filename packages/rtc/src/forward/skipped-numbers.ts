/** Runs of skipped numbers that are remembered: many seconds of them, where late packets and NACKs come within two. */
const MAX_RUNS = 256;

interface Run {
  readonly first: number;
  /** One past the last. */
  end: number;
  /** Numbers skipped up to here, those of the runs before too. */
  skipped: number;
}

/** Closes the gaps that skipped numbers leave. All numbers are unwrapped. */
export class SkippedNumbers {
  readonly #runs: Run[] = [];
  /** Of the run that was forgotten last: what came before it is not known any more. */
  #floor = -Infinity;
  #floorSkipped = 0;

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** How many were skipped in all. */
  get count(): number {
    return this.#runs.at(-1)?.skipped ?? this.#floorSkipped;
  }

  /** Skips from the end of the last run on, so that what is missing in between is skipped too. */
  extendTo(number: number): void {
    const last = this.#runs.at(-1);
    if (!last || number < last.end) return;
    last.skipped += number + 1 - last.end;
    last.end = number + 1;
  }

  /** @param number higher than all that were skipped or mapped before */
  skip(number: number): void {
    const last = this.#runs.at(-1);
    if (last?.end === number) return this.extendTo(number);
    this.#runs.push({ first: number, end: number + 1, skipped: (last?.skipped ?? this.#floorSkipped) + 1 });
    if (this.#runs.length > MAX_RUNS) this.#forgetOldest();
  }

  /** @returns undefined for a number that was skipped, or is from before what is remembered */
  map(number: number): number | undefined {
    const run = this.#runs.findLast(({ first }) => first <= number);
    if (run) return number < run.end ? undefined : number - run.skipped;
    return number < this.#floor ? undefined : number - this.#floorSkipped;
  }

  /** The number behind a mapped one; undefined for one from before what is remembered. */
  unmap(mapped: number): number | undefined {
    const run = this.#runs.findLast(({ end, skipped }) => end - skipped <= mapped);
    if (run) return mapped + run.skipped;
    return mapped < this.#floor - this.#floorSkipped ? undefined : mapped + this.#floorSkipped;
  }

  #forgetOldest(): void {
    const oldest = this.#runs.shift();
    if (!oldest) return;
    this.#floor = oldest.end;
    this.#floorSkipped = oldest.skipped;
  }
}
