/** Alert levels of RFC 5246 section 7.2. */
export const ALERT_LEVEL = { warning: 1, fatal: 2 } as const;

/** Alert descriptions of RFC 5246 section 7.2 that Sluice sends, or names in its reasons. */
export const ALERT = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  decryption_failed: 21,
  record_overflow: 22,
  decompression_failure: 30,
  handshake_failure: 40,
  no_certificate: 41,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  user_canceled: 90,
  no_renegotiation: 100,
  unsupported_extension: 110,
} as const;

const ALERT_NAMES = new Map<number, string>(Object.entries(ALERT).map(([name, description]) => [description, name]));

/** An alert of the peer. */
export interface Alert {
  readonly level: number;
  readonly description: number;
}

/** Reads the plaintext of an alert record; undefined when it is none. */
export function parseAlert(plaintext: Buffer): Alert | undefined {
  if (plaintext.length !== 2) return undefined;
  return { level: plaintext.readUInt8(0), description: plaintext.readUInt8(1) };
}

/** The plaintext of an alert record. */
export function serializeAlert(alert: Alert): Buffer {
  return Buffer.from([alert.level, alert.description]);
}

/** The description's name as the RFC has it. */
export function alertName(alert: Alert): string {
  return ALERT_NAMES.get(alert.description) ?? `alert ${alert.description}`;
}
