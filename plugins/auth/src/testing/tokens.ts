import { type CryptoKey, type JWTPayload, SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';

/** The clock of tests starts here, in seconds. */
export const NOW = Date.UTC(2026, 0, 1) / 1_000;

export const SECRET = 'a secret that is long enough for HS256';

/** What {@link sign} takes beside the claims. */
export interface SignOptions {
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: CryptoKey | Uint8Array;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A token of one hour, with the given claims in place of that or beside it. */
export function sign(claims: JWTPayload, { alg = 'HS256', kid, key = new TextEncoder().encode(SECRET), header }: SignOptions = {}): Promise<string> {
  return new SignJWT({ exp: NOW + 3_600, ...claims }).setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }), ...header }).sign(key);
}

/** A key pair and its public half in each form. */
export async function keyPair(alg: 'RS256' | 'ES256' | 'EdDSA', kid?: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), ...(kid === undefined ? {} : { kid }) };
  return { alg, kid, publicKey, privateKey, pem: await exportSPKI(publicKey), jwk, sign: (claims: JWTPayload) => sign(claims, { alg, key: privateKey, ...(kid === undefined ? {} : { kid }) }) };
}
