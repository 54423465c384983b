import { MediaError } from '@sluice/core';
import type { IceServer } from '../options.ts';

/** RFC 7064, RFC 7065; nothing that could leave the angle brackets. */
const ICE_URL = /^(?:stuns?|turns?):[\x21-\x3b\x3d\x3f-\x7e]+$/i;
/** What a quoted string of a header may hold (RFC 9110 section 5.6.4), without other alphabets. */
const HEADER_TEXT = /^[\x20-\x7e]*$/;

/**
 * The Link header of RFC 9725 section 4.6, all servers in one value.
 * @throws MediaError CONFIG_INVALID
 */
export function iceServerLinks(servers: readonly IceServer[]): string | undefined {
  const links = servers.flatMap((server) => [server.urls].flat().map((url) => link(url, server)));
  return links.length === 0 ? undefined : links.join(', ');
}

function link(url: string, { username, credential }: IceServer): string {
  if (!ICE_URL.test(url)) {
    throw new MediaError('CONFIG_INVALID', `iceServers: '${url}' is not a stun:, turn: or turns: URL.`);
  }
  const target = `<${url}>; rel="ice-server"`;
  if (username === undefined || credential === undefined) return target;
  return `${target}; username=${quoted(username)}; credential=${quoted(credential)}; credential-type="password"`;
}

function quoted(text: string): string {
  if (!HEADER_TEXT.test(text)) {
    throw new MediaError('CONFIG_INVALID', 'iceServers: user name and credential must be printable ASCII.');
  }
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
