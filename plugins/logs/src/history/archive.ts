import { EntryRing, type KeptEntry } from './entry-ring.ts';

/** Bounds of {@link Archive}. */
export interface ArchiveLimits {
  /** Kept of each system. */
  readonly entries: number;
  readonly maxSystemBytes: number;
  readonly maxSystems: number;
}

/** A system in a room: what entries are kept by. */
export interface SystemKey {
  readonly room: string;
  readonly systemName: string;
}

/** What is known of a system's history. */
export interface KeptSystem {
  readonly systemName: string;
  readonly entries: number;
  readonly bytes: number;
  readonly oldest: number;
  readonly newest: number;
}

/** The last entries of each system, in memory. */
export class Archive {
  #limits: ArchiveLimits;
  /** The system that wrote last comes last. */
  readonly #rings = new Map<string, SystemKey & { readonly ring: EntryRing }>();
  #seq: number;
  /** Systems whose history had to go for that of others. */
  evicted = 0;

  /**
   * @param now wall clock, milliseconds: entries are numbered from there, a thousand to the millisecond, so that a
   * reader may go on with its last number after a restart
   */
  constructor(limits: ArchiveLimits, now: number) {
    this.#limits = limits;
    this.#seq = now * 1_000;
  }

  /** Of what is there the newest stays, as far as it fits. */
  configure(limits: ArchiveLimits): void {
    this.#limits = limits;
    for (const [text, { ring, ...key }] of this.#rings) this.#rings.set(text, { ...key, ring: this.#newRing(ring.list({ after: 0 })) });
    this.#evict();
  }

  get size(): number {
    return this.#rings.size;
  }

  get entries(): number {
    return Array.from(this.#rings.values()).reduce((sum, { ring }) => sum + ring.size, 0);
  }

  get bytes(): number {
    return Array.from(this.#rings.values()).reduce((sum, { ring }) => sum + ring.bytes, 0);
  }

  add(key: SystemKey, producerId: string, texts: readonly string[]): void {
    if (texts.length === 0) return;
    const ring = this.#touch(key);
    for (const text of texts) ring.add({ seq: (this.#seq += 1), producerId, text, bytes: Buffer.byteLength(text) });
  }

  list(key: SystemKey, range: { readonly after: number; readonly last?: number | undefined }): readonly KeptEntry[] {
    return this.#rings.get(textOf(key))?.ring.list(range) ?? [];
  }

  systems(room: string): readonly KeptSystem[] {
    return Array.from(this.#rings.values())
      .filter((system) => system.room === room)
      .map(({ systemName, ring }) => ({ systemName, entries: ring.size, bytes: ring.bytes, oldest: ring.oldest?.seq ?? 0, newest: ring.newest?.seq ?? 0 }));
  }

  #touch(key: SystemKey): EntryRing {
    const text = textOf(key);
    const ring = this.#rings.get(text)?.ring ?? this.#newRing();
    this.#rings.delete(text);
    this.#rings.set(text, { ...key, ring });
    this.#evict();
    return ring;
  }

  #newRing(entries: readonly KeptEntry[] = []): EntryRing {
    const ring = new EntryRing({ entries: this.#limits.entries, bytes: this.#limits.maxSystemBytes });
    for (const entry of entries) ring.add(entry);
    return ring;
  }

  #evict(): void {
    for (const oldest of this.#rings.keys()) {
      if (this.#rings.size <= this.#limits.maxSystems) break;
      this.#rings.delete(oldest);
      this.evicted += 1;
    }
  }
}

function textOf({ room, systemName }: SystemKey): string {
  return JSON.stringify([room, systemName]);
}
