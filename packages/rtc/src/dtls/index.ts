export { DtlsAssociation } from './association.ts';
export { type DtlsCertificate, createDtlsCertificate } from './certificate.ts';
export type { DtlsFingerprint } from './fingerprint.ts';
export type { DtlsRole, SrtpKeys } from './werift-adapter.ts';
