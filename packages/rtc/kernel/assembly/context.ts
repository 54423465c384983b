// What stands in the record of a context. Both profiles begin with their salt, filled up with zeros to a block.

export const SALT: usize = 0;

/** AES_CM_128_HMAC_SHA1_80: SHA-1 state behind the block of key XOR ipad (RFC 2104). 5 words. */
export const INNER_STATE: usize = 16;
/** AES_CM_128_HMAC_SHA1_80: SHA-1 state behind the block of key XOR opad. 5 words. */
export const OUTER_STATE: usize = 36;
export const COUNTER_MODE_CONTEXT_BYTES: usize = 56;

/** AEAD_AES_128_GCM: multiples of the hash key, 32 blocks. See ghash.ts. */
export const HASH_KEY_MULTIPLES: usize = 16;
export const GCM_CONTEXT_BYTES: usize = 16 + 32 * 16;
