import { MediaError, type RemoteAddress } from '@sluice/core';

/** An SDP whose candidates lead elsewhere. */
export interface ReplacedCandidates {
  readonly sdp: string;
  /** Where its first UDP candidate over IPv4 led. */
  readonly original: RemoteAddress;
}

/** RFC 8839 section 5.1: foundation, component, transport, priority, address, port, type. */
const UDP_CANDIDATE = /^(a=candidate:\S+ \d+ udp \d+) (\d+\.\d+\.\d+\.\d+) (\d+) (.*)$/i;

/**
 * Replaces the candidates of an SDP by one that leads to `relay`, in each m-section that has any.
 * @throws MediaError ARGUMENT_INVALID when there is no UDP candidate over IPv4
 */
export function replaceCandidates(sdp: string, relay: RemoteAddress): ReplacedCandidates {
  let original: RemoteAddress | undefined;
  let isReplaced = false;
  const lines = sdp.split(/\r?\n/).flatMap((line) => {
    if (line.startsWith('m=')) isReplaced = false;
    if (!line.startsWith('a=candidate:')) return [line];
    const [, head, address, port, tail] = UDP_CANDIDATE.exec(line) ?? [];
    if (address === undefined || isReplaced) return [];
    isReplaced = true;
    original ??= { address, port: Number(port) };
    return [`${head} ${relay.address} ${relay.port} ${tail}`];
  });
  if (original) return { sdp: lines.join('\r\n'), original };
  const message = 'The SDP has no UDP candidate over IPv4 that could be replaced; give the path an answer of a server that listens on IPv4.';
  throw new MediaError('ARGUMENT_INVALID', message);
}
