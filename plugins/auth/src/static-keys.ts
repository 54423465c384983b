import { createHash, timingSafeEqual } from 'node:crypto';
import { MediaError } from '@sluice/core';

const HASHED = 'sha256:';

/** Makes the test of whether a text is one of some stream keys. It takes the same time whichever it is, and if it is none. */
export function staticKeys(keys: readonly string[]): (given: string) => boolean {
  const digests = keys.map(digestOf);
  return (given) => {
    const digest = sha256(given);
    return digests.filter((other) => timingSafeEqual(other, digest)).length > 0;
  };
}

function digestOf(key: string): Buffer {
  if (!key.startsWith(HASHED)) return sha256(key);
  const hex = key.slice(HASHED.length);
  if (/^[0-9a-f]{64}$/i.test(hex)) return Buffer.from(hex, 'hex');
  throw new MediaError('CONFIG_INVALID', 'A hashed stream key is sha256: and 64 hexadecimal digits.');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
