import { existsSync } from 'node:fs';
import { type DiagnosedCandidate, type Logger, type RtcEngine, isPrivateAddress } from '@sluice/core';
import { isLoopback } from './exposure.ts';

/** Docker and Podman each leave one of these in a container. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

/** What a server that has just started offers. */
export interface Openness {
  readonly engine: Pick<RtcEngine, 'localCandidates' | 'port'>;
  /** Default: found out. */
  readonly inContainer?: boolean | undefined;
}

/** Tells the operator who can reach the server, and warns where that is hardly what was meant. */
export function announce(logger: Logger, { engine, inContainer = isContainer() }: Openness): void {
  const { localCandidates, port } = engine;
  const addresses = [...new Set(localCandidates.map(({ address }) => address))];
  logger.info({ candidates: localCandidates.map(textOf), port }, `Media is offered on port ${port} of ${addresses.join(', ')}`);
  const problem = problemOf(addresses, inContainer);
  if (problem !== undefined) logger.warn({ addresses, port }, problem);
}

/** What keeps clients elsewhere from connecting; undefined when nothing is known to. */
function problemOf(addresses: readonly string[], inContainer: boolean): string | undefined {
  const others = addresses.filter((address) => !isLoopback(address));
  if (others.length === 0) return 'Media is offered on the loopback address only: no other machine can connect. Set rtc.externalAddresses.';
  if (!others.every(isPrivateAddress)) return undefined;
  if (inContainer) return `Media is offered on addresses of this container only (${others.join(', ')}): outside of its host nobody can connect. Set rtc.externalAddresses to the address of the host.`;
  return `Media is offered on private addresses only (${others.join(', ')}): clients outside of this network cannot connect. If they should, set rtc.externalAddresses.`;
}

function textOf({ protocol, address, port }: DiagnosedCandidate): string {
  return `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function isContainer(): boolean {
  return CONTAINER_MARKS.some((path) => existsSync(path));
}
