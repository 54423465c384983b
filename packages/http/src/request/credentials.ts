import type { Credentials } from '@sluice/core';

/** RFC 9110 section 11.6.2: the scheme is compared without case. A configured token may have spaces in it. */
const AUTHORIZATION = /^(bearer|basic) +(\S.*)$/i;

/** Who asks: `Authorization` first, then `?token=`, for players that cannot set a header. */
export function credentialsOf(authorization: string | undefined, queryToken: string | undefined): Credentials {
  const [, scheme, value] = AUTHORIZATION.exec(authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return { token: queryToken };
  const credentials = value.trimEnd();
  return scheme.toLowerCase() === 'bearer' ? { token: credentials } : basicCredentials(credentials);
}

/** RFC 7617: the user name ends at the first colon. */
function basicCredentials(base64: string): Credentials {
  const [, username, token] = /^([^:]*):(.*)$/s.exec(Buffer.from(base64, 'base64').toString('utf8')) ?? [];
  return { username, token };
}
