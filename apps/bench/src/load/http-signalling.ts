import type { Exchange, Signalling } from './signalling.ts';

const DEADLINE_MS = 20_000;

/** WHIP (RFC 9725) and WHEP. @param url of the server */
export function httpSignalling(url: string): Signalling {
  return {
    publish: (stream, local) => post(`${url}/whip/bench/${stream}`, local.offer()),
    play: (stream, local) => post(`${url}/whep/bench/${stream}`, local.offer()),
    close: () => undefined,
  };
}

async function post(url: string, offer: string): Promise<Exchange> {
  const startedAt = performance.now();
  const headers = { 'content-type': 'application/sdp' };
  const response = await fetch(url, { method: 'POST', headers, body: offer, signal: AbortSignal.timeout(DEADLINE_MS) });
  const remote = await response.text();
  const answerMs = performance.now() - startedAt;
  if (response.status !== 201) throw new Error(`POST ${url} was answered ${response.status} instead of 201: ${remote}`);
  const location = response.headers.get('location');
  return {
    remote,
    offered: true,
    answerMs,
    async leave() {
      if (location !== null) await fetch(new URL(location, url), { method: 'DELETE', signal: AbortSignal.timeout(DEADLINE_MS) });
    },
  };
}
