import type { Letter } from './letter.ts';

interface Topic {
  readonly letters: Letter[];
  /** Whether its first letter is being sent, or waits for its next attempt. */
  busy: boolean;
}

/**
 * Letters in order within each topic. Bounded: when there are too many the oldest that is not being sent is dropped,
 * because the youngest says how things are now.
 */
export class LetterQueue {
  maxLetters: number;
  readonly #topics = new Map<string, Topic>();
  /** Topics whose first letter may be sent, in order. */
  readonly #ready = new Set<string>();
  /** Not being sent, the oldest first. */
  readonly #waiting = new Set<Letter>();
  #size = 0;

  constructor(maxLetters: number) {
    this.maxLetters = maxLetters;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns what was dropped: the oldest, or this one when all others are being sent */
  add(letter: Letter): Letter | undefined {
    const isFull = this.#size >= this.maxLetters;
    const dropped = isFull ? this.#dropOldest() : undefined;
    if (isFull && !dropped) return letter;
    const topic = this.#topics.get(letter.topic) ?? { letters: [], busy: false };
    this.#topics.set(letter.topic, topic);
    topic.letters.push(letter);
    this.#waiting.add(letter);
    this.#size += 1;
    if (!topic.busy) this.#ready.add(letter.topic);
    return dropped;
  }

  /** Whether a letter of this topic waits or is being sent. */
  has(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** The next letter to send; those of its topic wait until `done` or `again`. */
  next(): Letter | undefined {
    const [name] = this.#ready;
    const topic = name === undefined ? undefined : this.#topics.get(name);
    const letter = topic?.letters[0];
    if (name === undefined || !topic || !letter) return undefined;
    this.#ready.delete(name);
    this.#waiting.delete(letter);
    topic.busy = true;
    return letter;
  }

  /** It is delivered, or given up. */
  done(letter: Letter): void {
    const topic = this.#topics.get(letter.topic);
    if (!topic) return;
    this.#remove(topic, letter);
    this.#release(letter.topic, topic);
  }

  /** It is to be sent again, before the others of its topic. */
  again(letter: Letter): void {
    const topic = this.#topics.get(letter.topic);
    if (topic) this.#release(letter.topic, topic);
  }

  #release(name: string, topic: Topic): void {
    topic.busy = false;
    if (topic.letters.length === 0) this.#topics.delete(name);
    else this.#ready.add(name);
  }

  #dropOldest(): Letter | undefined {
    const [oldest] = this.#waiting;
    const topic = oldest && this.#topics.get(oldest.topic);
    if (!oldest || !topic) return undefined;
    this.#remove(topic, oldest);
    if (topic.letters.length > 0 || topic.busy) return oldest;
    this.#topics.delete(oldest.topic);
    this.#ready.delete(oldest.topic);
    return oldest;
  }

  #remove(topic: Topic, letter: Letter): void {
    topic.letters.splice(topic.letters.indexOf(letter), 1);
    this.#waiting.delete(letter);
    this.#size -= 1;
  }
}
