import { randomBytes } from 'node:crypto';
import type { IceCredentials } from '@sluice/core';
import type { StunMessage } from './stun-message.ts';

/** The credentials from one (re)start of ICE to the next. */
export interface Generation {
  readonly local: IceCredentials;
  /** The peer's; once known, only requests that name it are accepted. */
  remote: IceCredentials | undefined;
}

export function createGeneration(remote?: IceCredentials): Generation {
  return { local: createCredentials(), remote };
}

/** Whether USERNAME is `<our fragment>:<the peer's fragment>` of this generation (RFC 8445 section 7.2.2). */
export function isNamedBy({ local, remote }: Generation, { username }: StunMessage): boolean {
  const ours = `${local.usernameFragment}:`;
  if (remote !== undefined) return username === ours + remote.usernameFragment;
  return username?.startsWith(ours) ?? false;
}

/** The characters of base64 are just the ice-chars (RFC 8839 section 5.4): 48 and 144 random bits. */
function createCredentials(): IceCredentials {
  return { usernameFragment: randomBytes(6).toString('base64'), password: randomBytes(18).toString('base64') };
}
