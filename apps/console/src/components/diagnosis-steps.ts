import type { Diagnosis } from '../api/server-sessions.ts';
import { formatCount, formatMilliseconds } from '../format.ts';

/** One step on the way to a connection. */
export interface Step {
  readonly name: string;
  /** `now` = it is waited for; `failed` = it never came. */
  readonly state: 'done' | 'now' | 'failed' | 'open';
  readonly text: string;
}

/** How far a session came: each step needs the one before. */
export function stepsOf(diagnosis: Diagnosis): readonly Step[] {
  const { startedAt, connectedAt, pair, dtls, state } = diagnosis;
  const reached = [
    { name: 'Answered', isDone: true, text: 'has our answer' },
    { name: 'Reached us', isDone: acceptedOf(diagnosis) > 0, text: checksText(diagnosis) },
    { name: 'Path', isDone: pair !== undefined, text: pair ? `${pair.protocol.toUpperCase()}, ${pair.nominated ? 'nominated' : 'not nominated yet'}` : 'none' },
    { name: 'Encrypted', isDone: dtls.state === 'connected', text: dtlsText(diagnosis) },
    { name: 'Connected', isDone: connectedAt !== undefined, text: connectedAt === undefined ? 'not yet' : `after ${formatMilliseconds(connectedAt - startedAt)}` },
  ];
  const next = reached.findIndex(({ isDone }) => !isDone);
  const waiting = state === 'closed' ? 'failed' : 'now';
  return reached.map(({ name, isDone, text }, index) => ({ name, text, state: isDone ? 'done' : index === next ? waiting : 'open' }));
}

function acceptedOf({ checks }: Diagnosis): number {
  return checks.reduce((sum, { accepted }) => sum + accepted, 0);
}

function checksText(diagnosis: Diagnosis): string {
  const accepted = acceptedOf(diagnosis);
  const refused = diagnosis.checks.reduce((sum, checks) => sum + refusedOf(checks.refused), 0);
  if (accepted > 0) return formatCount(accepted, 'check');
  return refused > 0 ? `${formatCount(refused, 'check')} refused` : 'no check came';
}

function dtlsText({ dtls }: Diagnosis): string {
  if (dtls.connectedAt !== undefined && dtls.firstAt !== undefined) return `in ${formatMilliseconds(dtls.connectedAt - dtls.firstAt)}`;
  return dtls.state === 'handshake' ? 'handshake began' : 'not begun';
}

/** How many were refused, whatever the reason. */
export function refusedOf(refused: Readonly<Record<string, number>>): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}
