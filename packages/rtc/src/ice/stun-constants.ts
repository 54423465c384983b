/** First four bytes of every transaction (RFC 8489 section 5). */
export const MAGIC_COOKIE = 0x2112a442;
/** CRC-32 of FINGERPRINT is XORed with this (RFC 8489 section 14.7). */
export const FINGERPRINT_XOR = 0x5354554e;
export const HEADER_BYTES = 20;
export const ATTRIBUTE_HEADER_BYTES = 4;
export const INTEGRITY_BYTES = 20;
export const FINGERPRINT_BYTES = 4;

/** Method Binding with its classes (RFC 8489 section 5). */
export const STUN_TYPES = {
  bindingRequest: 0x0001,
  bindingIndication: 0x0011,
  bindingSuccess: 0x0101,
  bindingError: 0x0111,
} as const;

/** Attributes of RFC 8489 section 18.3 and RFC 8445 section 20.1. */
export const STUN_ATTRIBUTES = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

/** Types below this must be understood, or the request is refused with 420 (RFC 8489 section 14). */
export const COMPREHENSION_OPTIONAL = 0x8000;

/** Attribute values are padded to four bytes (RFC 8489 section 14). */
export function paddedLength(bytes: number): number {
  return (bytes + 3) & ~3;
}
