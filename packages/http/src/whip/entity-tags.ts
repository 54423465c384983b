import { randomBytes } from 'node:crypto';
import type { SessionRecord } from '@sluice/core';

/** Strong entity tags (RFC 9110 section 8.8.3) that name the ICE generation of sessions (RFC 9725 section 4.3.1). */
export class EntityTags {
  readonly #tags = new WeakMap<SessionRecord, string>();

  /** The tag of the session's current ICE generation. */
  current(record: SessionRecord): string {
    return this.#tags.get(record) ?? this.renew(record);
  }

  /** Makes every earlier tag stale: the session enters a new ICE generation. */
  renew(record: SessionRecord): string {
    const tag = `"${randomBytes(8).toString('base64url')}"`;
    this.#tags.set(record, tag);
    return tag;
  }

  /** Takes a {@link renew} back, when the new generation did not come about. */
  restore(record: SessionRecord, tag: string): void {
    this.#tags.set(record, tag);
  }

  /** Whether a value of If-Match names it; weak tags never do (RFC 9110 section 13.1.1). */
  matches(record: SessionRecord, ifMatch: string): boolean {
    const tags = ifMatch.split(',').map((tag) => tag.trim());
    return tags.includes('*') || tags.includes(this.current(record));
  }
}
