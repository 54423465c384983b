import type { JSX } from 'preact';
import { type StreamDetail, closeStream } from '../api/streams.ts';
import { formatCount } from '../format.ts';
import { useStore } from '../state/store.ts';
import { ActionButton } from './action-button.tsx';
import { Answered } from './admin-view.tsx';

/** The open stream for administrators: where it comes from, who publishes and who watches, and a way to close it. */
export function StreamDetailPanel(): JSX.Element {
  const { state } = useStore().monitors.stream;
  return (
    <div class="stream-detail">
      <Answered state={state.value}>{(stream) => (stream ? <Detail stream={stream} /> : <p class="hint">It has ended.</p>)}</Answered>
    </div>
  );
}

/** More links than this nobody reads here. */
const MAX_VIEWERS = 10;

function Detail({ stream }: { readonly stream: StreamDetail }): JSX.Element {
  const { admin, monitors } = useStore();
  const { origin, publisherSessionId, viewerSessionIds } = stream;
  const name = `${stream.app}/${stream.stream}`;
  const hidden = viewerSessionIds.length - MAX_VIEWERS;

  async function close(): Promise<string> {
    await closeStream(admin.request, stream);
    monitors.streams.refresh();
    monitors.stream.refresh();
    return `${name} is closed, and its viewers were told.`;
  }

  return (
    <>
      <dl class="pairs">
        <dt>Origin</dt>
        <dd>{originText(origin)}</dd>
        {origin.lastError !== undefined && (
          <>
            <dt>Last error</dt>
            <dd class="tone-bad">{origin.lastError}</dd>
          </>
        )}
        <dt>Publisher</dt>
        <dd>{publisherSessionId === undefined ? 'the server itself' : <SessionLink id={publisherSessionId} />}</dd>
        <dt>Viewers</dt>
        <dd class="session-links">
          {viewerSessionIds.length === 0 && 'nobody'}
          {viewerSessionIds.slice(0, MAX_VIEWERS).map((id) => (
            <SessionLink key={id} id={id} />
          ))}
          {hidden > 0 && <a href="#sessions">{`and ${hidden} more`}</a>}
        </dd>
      </dl>
      <ActionButton label={`Close ${name} for everybody`} question={viewerSessionIds.length === 0 ? 'Really close it?' : `Close it for ${formatCount(viewerSessionIds.length, 'viewer')}?`} action={close}>
        Close stream
      </ActionButton>
    </>
  );
}

/** Ids are long and random; their beginning tells them apart. */
function SessionLink({ id }: { readonly id: string }): JSX.Element {
  return (
    <a href={`#sessions/${id}`} title={id}>
      <code>{id.slice(0, 8)}</code>
    </a>
  );
}

const ORIGIN_WORDS: Readonly<Record<StreamDetail['origin']['type'], string>> = { push: 'published to the server', pull: 'pulled', file: 'played from a file', demo: 'the demo' };

function originText({ type, url, state, failedAttempts }: StreamDetail['origin']): string {
  const attempts = failedAttempts ? `, ${formatCount(failedAttempts, 'failed attempt')}` : '';
  return [ORIGIN_WORDS[type], url, `${state}${attempts}`].filter((part) => part !== undefined).join(' · ');
}
