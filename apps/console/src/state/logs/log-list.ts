import { Deque } from './deque.ts';
import { type LogRow, weightOf } from './log-row.ts';

/** Bounds of what the page keeps. */
export interface LogListLimits {
  readonly maxRows: number;
  /** Of all rows together, roughly, in characters. */
  readonly maxWeight: number;
}

/** The newest rows, and those of them that fit the query. */
export class LogList {
  /** Rows that gave way to newer ones. */
  evicted = 0;
  readonly #limits: LogListLimits;
  #rows = new Deque<LogRow>();
  #fitting = new Deque<LogRow>();
  #weight = 0;
  #fits: (row: LogRow) => boolean = () => true;
  /** Rows that fitted and gave way. */
  #evictedFitting = 0;

  constructor(limits: LogListLimits) {
    this.#limits = limits;
  }

  /** All rows. */
  get size(): number {
    return this.#rows.size;
  }

  /** Those that fit. */
  get fitting(): Deque<LogRow> {
    return this.#fitting;
  }

  /** How many rows have left the front of those that fit: by so much the others moved up. */
  get evictedFitting(): number {
    return this.#evictedFitting;
  }

  push(rows: readonly LogRow[]): void {
    for (const row of rows) {
      this.#rows.push(row);
      this.#weight += weightOf(row);
      if (this.#fits(row)) this.#fitting.push(row);
    }
    this.#evict();
  }

  /** Puts older rows before all others, as far as there is room. */
  prepend(older: readonly LogRow[]): void {
    this.#fill([...older, ...this.#rows.slice()]);
  }

  /** Asks something else of all rows. */
  filter(fits: (row: LogRow) => boolean): void {
    this.#fits = fits;
    this.#fitting = new Deque(this.#rows.slice().filter(fits));
  }

  clear(): void {
    this.#fill([]);
  }

  #fill(rows: readonly LogRow[]): void {
    this.#rows = new Deque(rows);
    this.#fitting = new Deque(rows.filter(this.#fits));
    this.#weight = rows.reduce((sum, row) => sum + weightOf(row), 0);
    this.#evict();
  }

  #evict(): void {
    const { maxRows, maxWeight } = this.#limits;
    let count = 0;
    let fitting = 0;
    while (this.#rows.size - count > maxRows || (this.#weight > maxWeight && count < this.#rows.size)) {
      const row = this.#rows.at(count);
      if (!row) break;
      this.#weight -= weightOf(row);
      if (this.#fitting.at(fitting) === row) fitting += 1;
      count += 1;
    }
    this.#rows.drop(count);
    this.#fitting.drop(fitting);
    this.evicted += count;
    this.#evictedFitting += fitting;
  }
}
