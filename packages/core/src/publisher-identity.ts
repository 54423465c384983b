import { createHash } from 'node:crypto';
import type { AccessRequest } from './hook-points.ts';
import type { SessionGrant } from './session.ts';

/** What a publisher is known by. */
export interface PublisherProof extends Pick<AccessRequest, 'credentials' | 'query' | 'remote'> {
  readonly grant?: Pick<SessionGrant, 'identity'> | undefined;
}

/**
 * Who publishes: whom the access hooks took it for, else as far as the request says it: its credentials and its query,
 * which may hold a key; without either, its address. Two requests of one identity have the same text, from which no
 * secret can be read.
 */
export function publisherIdentity(publisher: PublisherProof): string {
  return createHash('sha256').update(JSON.stringify(proofOf(publisher))).digest('base64url');
}

function proofOf({ credentials, query, remote, grant }: PublisherProof): readonly string[] {
  if (grant?.identity !== undefined) return ['identity', grant.identity];
  const { username = '', token = '' } = credentials;
  return username === '' && token === '' && query === '' ? ['address', remote.address] : ['credentials', username, token, query];
}
