import type { JSX } from 'preact';
import { type Candidate, type Checks, type Diagnosis, type ServerSessionDetail, endServerSession } from '../api/server-sessions.ts';
import { formatBytes, formatClock, formatDuration, formatMilliseconds } from '../format.ts';
import { useStore } from '../state/store.ts';
import { ActionButton } from './action-button.tsx';
import { type Step, refusedOf, stepsOf } from './diagnosis-steps.ts';
import { Fact } from './fact.tsx';
import { socketText, standingOf, titleOf } from './server-session-words.ts';

/** One session of the server: how far it came, by which way, and what was seen of its peer. */
export function ServerSessionPanel({ session }: { readonly session: ServerSessionDetail }): JSX.Element {
  const { word, tone } = standingOf(session);
  const { diagnosis } = session;
  return (
    <article class="card" aria-label={titleOf(session)}>
      <header class="card-head">
        <h2>{titleOf(session)}</h2>
        <p class={`session-state tone-back-${tone}`} role="status">
          {word}
        </p>
        {session.endedAt === undefined && <EndButton session={session} />}
      </header>
      <div class="card-body">
        {session.reason !== undefined && <p class={`reason reason-${tone}`}>{sentence(session.reason)}</p>}
        {diagnosis && <Steps steps={stepsOf(diagnosis)} />}
        <Facts session={session} />
        {diagnosis ? <DiagnosisTables diagnosis={diagnosis} /> : <p class="hint">This kind of session has no connection of its own.</p>}
      </div>
    </article>
  );
}

function EndButton({ session }: { readonly session: ServerSessionDetail }): JSX.Element {
  const { admin, monitors } = useStore();
  const title = titleOf(session);

  async function end(): Promise<string> {
    await endServerSession(admin.request, session.id);
    monitors.sessions.refresh();
    return `${title} was told to go.`;
  }

  return (
    <ActionButton label={`Kick ${title}`} question="Really kick?" action={end}>
      Kick
    </ActionButton>
  );
}

function Steps({ steps }: { readonly steps: readonly Step[] }): JSX.Element {
  return (
    <ol class="steps">
      {steps.map(({ name, state, text }) => (
        <li key={name} class={`step step-${state}`}>
          <span class="step-sign" aria-hidden="true" />
          <span class="step-name">{name}</span>
          <span class="step-text">{text}</span>
        </li>
      ))}
    </ol>
  );
}

function Facts({ session }: { readonly session: ServerSessionDetail }): JSX.Element {
  const { diagnosis, stats, client, createdAt, endedAt } = session;
  const roundTrip = stats?.currentRoundTripTime;
  return (
    <dl class="stats">
      <Fact label="Request from" value={client.address} />
      <Fact label="Media to" value={diagnosis?.pair ? socketText(diagnosis.pair.remote) : '–'} wide />
      <Fact label="Moved" value={diagnosis?.pair ? `${diagnosis.pair.moves}×` : '–'} />
      <Fact label="Round trip" value={formatMilliseconds(roundTrip === undefined ? undefined : roundTrip * 1000)} />
      <Fact label="Sent" value={formatBytes(stats?.bytesSent)} />
      <Fact label="Received" value={formatBytes(stats?.bytesReceived)} />
      <Fact label="Lasted" value={formatDuration((endedAt ?? Date.now()) - createdAt)} />
    </dl>
  );
}

function DiagnosisTables({ diagnosis }: { readonly diagnosis: Diagnosis }): JSX.Element {
  const { localCandidates, remoteCandidates, checks, unlisted } = diagnosis;
  return (
    <>
      <section class="checks" aria-label="Connectivity checks">
        <h3>Checks that came</h3>
        {checks.length === 0 ? <p class="hint">None. The peer has not reached the server at any of its addresses.</p> : <ChecksTable checks={checks} />}
        <Unlisted count={unlisted.checks} what="more checks of other addresses" />
      </section>
      <div class="candidates">
        <CandidateList title="The server offers" candidates={localCandidates} none="None." />
        <div>
          <CandidateList title="The peer offers" candidates={remoteCandidates} none="None. It need not name any: its checks tell where it is." />
          <Unlisted count={unlisted.remoteCandidates} what="more" />
        </div>
      </div>
    </>
  );
}

function ChecksTable({ checks }: { readonly checks: readonly Checks[] }): JSX.Element {
  return (
    <div class="table-frame">
      <table class="table">
        <thead>
          <tr>
            <th>From</th>
            <th class="number">Answered</th>
            <th>Refused</th>
            <th class="number">First</th>
            <th class="number">Last</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((each) => (
            <tr key={`${each.protocol} ${socketText(each)}`}>
              <td>
                <code>{socketText(each)}</code> <span class="tag">{each.protocol}</span> {each.nominated && <span class="tag tag-good">nominated</span>}
              </td>
              <td class="number">{each.accepted}</td>
              <td class={refusedOf(each.refused) > 0 ? 'tone-bad' : 'tone-quiet'}>{refusalText(each.refused)}</td>
              <td class="number">{formatClock(each.firstAt)}</td>
              <td class="number">{formatClock(each.lastAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CandidateListProps {
  readonly title: string;
  readonly candidates: readonly Candidate[];
  /** Said when there are none. */
  readonly none: string;
}

function CandidateList({ title, candidates, none }: CandidateListProps): JSX.Element {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {candidates.length === 0 && <p class="hint">{none}</p>}
      <ul class="candidate-list">
        {candidates.map((candidate) => (
          <li key={`${candidate.protocol} ${candidate.type} ${socketText(candidate)}`}>
            <code title={socketText(candidate)}>{socketText(candidate)}</code>
            <span class="tag">{candidate.protocol}</span>
            <span class="tag">{candidate.type}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Unlisted({ count, what }: { readonly count: number; readonly what: string }): JSX.Element | null {
  return count > 0 ? <p class="hint">{`${count} ${what}`}</p> : null;
}

function refusalText(refused: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(refused).map(([reason, count]) => `${reason} ${count}×`);
  return reasons.length === 0 ? '–' : reasons.join(', ');
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?)]$/.test(capital) ? capital : `${capital}.`;
}
