import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** An unguessable name: 128 random bits as base64url, 22 characters. */
export function randomToken(): string {
  return randomBytes(16).toString('base64url');
}

/** Compares secrets in constant time; hashing both sides first keeps their lengths secret too. */
export function safeEqual(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
