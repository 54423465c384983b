export { DtlsAssociation, type DtlsRole } from './association.ts';
export { type DtlsCertificate, createDtlsCertificate } from './certificate.ts';
export type { DtlsFingerprint } from './fingerprint.ts';
export type { SrtpKeys } from './handshake/srtp-profiles.ts';
