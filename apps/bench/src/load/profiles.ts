export const PROFILE_NAMES = ['gcm', 'cm'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** SRTP profiles by the short names of the command line; one is offered, so that both servers use the same. */
export const PROFILES = {
  gcm: { name: 'AEAD_AES_128_GCM', id: 7, saltLength: 12 },
  cm: { name: 'AES_CM_128_HMAC_SHA1_80', id: 1, saltLength: 14 },
} as const satisfies Record<ProfileName, object>;

