import { createHash } from 'node:crypto';
import type { AccessRequest } from './hook-points.ts';

/**
 * Who publishes, as far as the request says it: its credentials and its query, which may hold a key; without either, its
 * address. Two requests of one identity have the same text, from which no secret can be read.
 */
export function publisherIdentity({ credentials, query, remote }: Pick<AccessRequest, 'credentials' | 'query' | 'remote'>): string {
  const { username = '', token = '' } = credentials;
  const proof = username === '' && token === '' && query === '' ? ['address', remote.address] : ['credentials', username, token, query];
  return createHash('sha256').update(JSON.stringify(proof)).digest('base64url');
}
