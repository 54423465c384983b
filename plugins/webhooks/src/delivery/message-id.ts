import { randomUUID } from 'node:crypto';

/** An id as Standard Webhooks likes them; the same for all attempts of a message. */
export function messageId(): string {
  return `msg_${randomUUID().replaceAll('-', '')}`;
}
