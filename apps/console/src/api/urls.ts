import { type StreamName, parseStreamName, streamNameText } from './stream-name.ts';

/** Where to publish a stream (RFC 9725). */
export function whipUrl(page: string, name: StreamName): string {
  return endpointUrl(page, 'whip', name);
}

/** Where to play a stream (draft-ietf-wish-whep). */
export function whepUrl(page: string, name: StreamName): string {
  return endpointUrl(page, 'whep', name);
}

/** Where to send an offer that comes back as an echo. */
export function echoUrl(page: string): string {
  return new URL('index/api/webrtc?type=echo&app=live&stream=echo', page).href;
}

/** A link to this page that plays the stream. */
export function shareUrl(page: string, name: StreamName): string {
  return new URL(`#play=${nameWithQuery(name)}`, page).href;
}

/** The stream that a share link asks for. */
export function sharedStream(hash: string): StreamName | undefined {
  const [, text] = /^#play=(.+)$/.exec(hash) ?? [];
  if (text === undefined) return undefined;
  try {
    return parseStreamName(decodeURI(text));
  } catch {
    // A % that encodes nothing: the link is broken.
    return undefined;
  }
}

function endpointUrl(page: string, endpoint: string, { app, stream, query }: StreamName): string {
  const url = new URL(`${endpoint}/${encodeURIComponent(app)}/${encodeURIComponent(stream)}`, page);
  url.search = query;
  return url.href;
}

function nameWithQuery(name: StreamName): string {
  const text = encodeURI(streamNameText(name));
  return name.query === '' ? text : `${text}?${name.query}`;
}
