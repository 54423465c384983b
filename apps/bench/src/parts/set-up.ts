import { formatNumber, formatRatio } from '../report/format.ts';
import { SERVER_LABELS, type ServerName } from '../servers/names.ts';
import { ratio } from '../statistics.ts';
import { TestBed } from '../test-bed.ts';
import type { PartContext, PartResult } from './part.ts';

/** Sessions that are made before anything is measured, so that the code is compiled. */
const WARM_UP_SESSIONS = 20;
const CONNECTING_AT_ONCE = 5;
const KB = 1000;

/** Sessions made one after another, on a server that is warm and otherwise idle. */
interface SetUpResult {
  readonly server: ServerName;
  readonly sessions: number;
  /** Server CPU from the request until DTLS is done. */
  readonly cpuMsPerSession: number;
  /** Growth of the resident set by one connected viewer, after garbage collection. */
  readonly rssBytesPerViewer: number;
}

/** What sessions cost: made one after another, while nothing is published. */
export async function setUpPart(context: PartContext): Promise<PartResult> {
  const results: SetUpResult[] = [];
  for (const server of context.servers) {
    context.progress(`set-up: ${SERVER_LABELS[server]}, ${context.sessions} sessions`);
    results.push(await measureSetUp(context, server));
  }
  const row = (label: string, digits: number, valueOf: (result: SetUpResult) => number | undefined): string[] => {
    const values = results.map(valueOf);
    return [label, ...values.map((value) => formatNumber(value, digits)), ...values.slice(1).map((value) => formatRatio(ratio(value, values[0])))];
  };
  const labels = results.map(({ server }) => SERVER_LABELS[server]);
  const ours = results.find(({ server }) => server === 'native');
  return {
    title: `Set-up: ${context.sessions} viewers, one after another`,
    table: [
      ['', ...labels, ...labels.slice(1).map((label) => `${label} / ${labels[0]}`)],
      row('server CPU per session, ms', 1, ({ cpuMsPerSession }) => cpuMsPerSession),
      row('RSS per viewer, KB', 0, ({ rssBytesPerViewer }) => rssBytesPerViewer / KB),
    ],
    notes: [],
    figures: ours
      ? [
          { goal: 'setUp', value: ours.cpuMsPerSession },
          { goal: 'memory', value: ours.rssBytesPerViewer / KB },
        ]
      : [],
    data: results,
  };
}

async function measureSetUp(context: PartContext, server: ServerName): Promise<SetUpResult> {
  const { sessions } = context;
  await using bed = await TestBed.open({ ...context, server });
  await bed.connectViewers(WARM_UP_SESSIONS, CONNECTING_AT_ONCE);
  const before = await bed.server.usage({ collect: true });
  await bed.connectViewers(sessions, 1);
  const connected = await bed.server.usage();
  const settled = await bed.server.usage({ collect: true });
  return {
    server,
    sessions,
    cpuMsPerSession: (connected.cpuMicros - before.cpuMicros) / 1000 / sessions,
    rssBytesPerViewer: (settled.rssBytes - before.rssBytes) / sessions,
  };
}
