import { type KeyObject, createPublicKey, createSecretKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { MediaError } from '@sluice/core';
import type { KeyOption } from '../options.ts';
import { type VerificationKey, algorithmOf, isAlgorithm } from './algorithms.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The keys of the configuration.
 * @throws MediaError CONFIG_INVALID naming the one that is wrong, without saying what is in it
 */
export async function readKeys(options: readonly KeyOption[], folder: string): Promise<readonly VerificationKey[]> {
  const keys = await Promise.all(options.map((option, index) => readKey(option, `jwt.keys[${index}]`, folder)));
  return keys.flat();
}

/**
 * The keys of a JWK set that are for us. Others are for somebody else (RFC 7517 section 5), and a shared secret has no
 * place in a set that everybody may read.
 */
export function keysOfSet(set: unknown): readonly VerificationKey[] {
  if (!isObject(set) || !Array.isArray(set['keys'])) throw new Error('it is no JWK set');
  return set['keys'].slice(0, MAX_SET_KEYS).flatMap((jwk: unknown) => {
    if (!isObject(jwk) || jwk['kty'] === 'oct') return [];
    try {
      return [keyOfJwk(jwk, undefined)];
    } catch {
      return [];
    }
  });
}

/** More keys of one set are not looked at. */
const MAX_SET_KEYS = 100;

async function readKey(option: KeyOption, name: string, folder: string): Promise<readonly VerificationKey[]> {
  try {
    if ('secret' in option) return [verificationKey(createSecretKey(option.secret, 'utf8'), option.kid)];
    if ('pem' in option) return [keyOfPem(option.pem, option.kid)];
    if ('jwk' in option) return [keyOfJwk(option.jwk, option.kid)];
    return keysOfFile(await readFile(path.resolve(folder, option.file), 'utf8'), option.kid);
  } catch (cause) {
    const where = 'file' in option ? `${name} (${option.file})` : name;
    throw new MediaError('CONFIG_INVALID', `auth: ${where} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`);
  }
}

function keysOfFile(content: string, kid: string | undefined): readonly VerificationKey[] {
  if (!content.trimStart().startsWith('{')) return [keyOfPem(content, kid)];
  const json: unknown = JSON.parse(content);
  if (!isObject(json)) throw new Error('it is no JWK');
  if (!('keys' in json)) return [keyOfJwk(json, kid)];
  const keys = keysOfSet(json);
  if (keys.length === 0) throw new Error('the JWK set holds no key that can be used');
  return keys;
}

function keyOfPem(pem: string, kid: string | undefined): VerificationKey {
  if (pem.includes('PRIVATE KEY')) throw new Error('it is a private key, which belongs to who signs; give the public one');
  return verificationKey(publicKey(pem), kid);
}

function keyOfJwk(jwk: Json, kid: string | undefined): VerificationKey {
  const { kty, alg, use, k, d } = jwk;
  const ownKid = kid ?? (typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined);
  if (use !== undefined && use !== 'sig') throw new Error('it is not for signatures');
  if (kty !== 'oct' && d !== undefined) throw new Error('it is a private key, which belongs to who signs; give the public one');
  const key = kty === 'oct' ? createSecretKey(typeof k === 'string' ? k : '', 'base64url') : publicKey({ key: { ...jwk }, format: 'jwk' });
  const made = verificationKey(key, ownKid);
  if (alg === undefined || alg === made.algorithm) return made;
  throw new Error(isAlgorithm(alg) ? `its alg does not fit a key for ${made.algorithm}` : 'its alg is none of HS256, RS256, ES256 and EdDSA');
}

/** The words of OpenSSL say nothing to anybody. */
function publicKey(from: Parameters<typeof createPublicKey>[0]): KeyObject {
  try {
    return createPublicKey(from);
  } catch (cause) {
    throw new Error('it is no public key', { cause });
  }
}

function verificationKey(key: KeyObject, kid: string | undefined): VerificationKey {
  const algorithm = algorithmOf(key);
  if (algorithm) return { algorithm, kid, key };
  throw new Error('expected a secret of at least 32 bytes, or a public key for RS256 (at least 2048 bits), ES256 or EdDSA');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
