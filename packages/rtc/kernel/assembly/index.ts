// SRTP of many packets at a time (RFC 3711, RFC 7714), but for AES, which the host does on the counter blocks.
// No runtime, no allocation: everything stands in memory that the host gives.

export { useBatch } from './batch';
export { COUNTER_MODE_CONTEXT_BYTES, GCM_CONTEXT_BYTES } from './context';
export { encryptCounterMode } from './counter-mode';
export { sealGcm } from './gcm';
export { initialiseGhash } from './ghash';
export { authenticate, initialiseHmac } from './hmac';
export { KEYSTREAM, KEYSTREAM_BYTES, counterModeBlocks, gcmBlocks } from './keystream';

/** Where the kernel's own memory ends. */
export const RESERVED_END: usize = __heap_base;
