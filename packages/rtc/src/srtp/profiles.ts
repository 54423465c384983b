/** The protection profiles that we negotiate, by their names in RFC 5764 and RFC 7714. */
export type SrtpProfile = 'AES_CM_128_HMAC_SHA1_80' | 'AEAD_AES_128_GCM';

/** Sizes in bytes. */
export interface SrtpProfileParameters {
  /** Number in the use_srtp extension of DTLS (RFC 5764 section 4.1.2, RFC 7714 section 14.2). */
  readonly dtlsId: number;
  readonly keyBytes: number;
  readonly saltBytes: number;
  /** Key of the separate authentication function; 0 for an AEAD. */
  readonly authKeyBytes: number;
  readonly tagBytes: number;
}

export const SRTP_PROFILES: Readonly<Record<SrtpProfile, SrtpProfileParameters>> = {
  AES_CM_128_HMAC_SHA1_80: { dtlsId: 1, keyBytes: 16, saltBytes: 14, authKeyBytes: 20, tagBytes: 10 },
  AEAD_AES_128_GCM: { dtlsId: 7, keyBytes: 16, saltBytes: 12, authKeyBytes: 0, tagBytes: 16 },
};

/** The profile with a number of the use_srtp extension; undefined when it is none of ours. */
export function srtpProfileOfDtlsId(dtlsId: number): SrtpProfile | undefined {
  if (dtlsId === SRTP_PROFILES.AES_CM_128_HMAC_SHA1_80.dtlsId) return 'AES_CM_128_HMAC_SHA1_80';
  if (dtlsId === SRTP_PROFILES.AEAD_AES_128_GCM.dtlsId) return 'AEAD_AES_128_GCM';
  return undefined;
}
