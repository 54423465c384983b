/** An ICE server as `RTCPeerConnection` takes it. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

const LINK = /<([^<>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)/g;
const PARAMETER = /;\s*([^\s=;,]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))/g;
const ICE_SERVER_URL = /^(stun|turn)s?:/i;

/** The ICE servers of a `Link` header (RFC 9725 section 4.6, RFC 8288 section 3); anything else in it is passed over. */
export function parseIceServers(header: string | null): IceServer[] {
  return Array.from((header ?? '').matchAll(LINK), ([, target = '', parameters = '']) => iceServerOf(target.trim(), parameters)).filter((server) => server !== undefined);
}

function iceServerOf(urls: string, parameterText: string): IceServer | undefined {
  const parameters = new Map(Array.from(parameterText.matchAll(PARAMETER), ([, name = '', quoted, plain = '']) => [name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain]));
  const isIceServer = parameters.get('rel')?.toLowerCase().split(' ').includes('ice-server') ?? false;
  if (!isIceServer || !ICE_SERVER_URL.test(urls)) return undefined;
  const username = parameters.get('username');
  const credential = parameters.get('credential');
  return { urls, ...(username === undefined ? {} : { username }), ...(credential === undefined ? {} : { credential }) };
}
