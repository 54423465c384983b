/**
 * The body of type `application/trickle-ice-sdpfrag` (RFC 8840 section 9) for an ICE generation: credentials, and the candidates given.
 * @param sdp of the local description
 * @param candidates lines as `RTCIceCandidate.candidate` has them; empty = no more come
 */
export function fragmentOf(sdp: string, candidates: readonly string[]): string {
  const section = firstSection(sdp);
  const lines = section.match(/^(?:m=|a=mid:|a=ice-(?:ufrag|pwd):).*$/gm) ?? [];
  const session = /^a=ice-ufrag:/m.test(section) ? [] : (sdp.match(/^a=ice-(?:ufrag|pwd):.*$/gm) ?? []);
  const [mLine = '', ...attributes] = lines;
  const found = candidates.map((candidate) => (candidate === '' ? 'a=end-of-candidates' : `a=${candidate.replace(/^a=/, '')}`));
  return [...session, mLine, ...attributes, ...found].map((line) => `${line}\r\n`).join('');
}

/** Candidates that a local description holds already. */
export function candidatesOf(sdp: string): string[] {
  return Array.from(firstSection(sdp).matchAll(/^a=(candidate:.*|end-of-candidates)$/gm), ([, text = '']) => (text === 'end-of-candidates' ? '' : text));
}

/** Whether who wrote this answer is ICE-lite (RFC 8839 section 5.3): it sends no checks, so our candidates are of no use to it. */
export function isIceLite(sdp: string): boolean {
  return /^a=ice-lite$/m.test(sdp);
}

/**
 * An earlier answer with the server's new credentials, and its new candidates where it names some.
 * @returns undefined when the fragment has no credentials
 */
export function restartedAnswer(answer: string, fragment: string): string | undefined {
  const usernameFragment = /^a=ice-ufrag:(\S+)/m.exec(fragment)?.[1];
  const password = /^a=ice-pwd:(\S+)/m.exec(fragment)?.[1];
  if (usernameFragment === undefined || password === undefined) return undefined;
  const renewed = answer.replaceAll(/^a=ice-ufrag:.*$/gm, () => `a=ice-ufrag:${usernameFragment}`).replaceAll(/^a=ice-pwd:.*$/gm, () => `a=ice-pwd:${password}`);
  const candidates = fragment.match(/^a=(?:candidate:.*|end-of-candidates)$/gm) ?? [];
  if (candidates.length === 0) return renewed;
  const [session = '', first = '', ...rest] = renewed.replaceAll(/^a=(?:candidate:.*|end-of-candidates)\r?\n/gm, '').split(/^(?=m=)/m);
  return [session, first, ...candidates.map((line) => `${line}\r\n`), ...rest].join('');
}

/** With BUNDLE the first m-line carries the transport of all. */
function firstSection(sdp: string): string {
  return sdp.split(/^(?=m=)/m)[1] ?? '';
}
