import type { JSX } from 'preact';
import { purgeHookCache } from '../api/server-hooks.ts';
import type { HookTarget } from '../api/server-hooks.ts';
import { formatCount, formatMilliseconds } from '../format.ts';
import { useStore } from '../state/store.ts';
import { ActionButton } from './action-button.tsx';
import { AdminView, Answered } from './admin-view.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { Fact } from './fact.tsx';
import { breakerStanding } from './hook-words.ts';
import { PluginList } from './plugin-list.tsx';

/** URLs that the server asks and tells, how that goes, and the plugins behind them. */
export function HooksView(): JSX.Element {
  const { state } = useStore().monitors.hooks;
  return (
    <AdminView class="operations">
      <Answered state={state.value}>
        {({ targets, deadLetters, plugins }) => (
          <>
            <Targets targets={targets} />
            {(deadLetters.rows.length > 0 || targets.length > 0) && <DeadLetters letters={deadLetters} />}
            <PluginList plugins={plugins} />
          </>
        )}
      </Answered>
    </AdminView>
  );
}

function Targets({ targets }: { readonly targets: readonly HookTarget[] }): JSX.Element {
  const { admin } = useStore();
  if (targets.length === 0) return <NoTargets />;
  return (
    <section class="panel" aria-labelledby="hooks-title">
      <div class="panel-head">
        <h2 id="hooks-title">Hooks</h2>
        <ActionButton label="Forget the answers of hooks that are kept" action={async () => `${formatCount(await purgeHookCache(admin.request), 'kept answer')} forgotten. Who comes next is asked about again.`}>
          Forget kept answers
        </ActionButton>
      </div>
      <ul class="targets">
        {targets.map((target) => (
          <Target key={`${target.hook} ${target.url}`} target={target} />
        ))}
      </ul>
    </section>
  );
}

function Target({ target }: { readonly target: HookTarget }): JSX.Element {
  const { word, tone } = breakerStanding(target);
  const { hook, url, asked, failed, latencyMs, queueLength, dropped, deadLetters, lastError } = target;
  return (
    <li class="target">
      <div class="target-head">
        <h3>{hook}</h3>
        <p class={`session-state tone-back-${tone}`}>{word}</p>
        <code title={url}>{url}</code>
      </div>
      <dl class="target-facts">
        <Fact label="Calls" value={String(asked)} />
        <Fact label="Failed" value={String(failed)} />
        <Fact label="Last answer" value={formatMilliseconds(latencyMs)} />
        <Fact label="Waiting" value={String(queueLength)} />
        <Fact label="Dropped" value={String(dropped)} />
        <Fact label="Dead letters" value={String(deadLetters)} />
      </dl>
      {lastError !== undefined && (
        <p class="target-error">
          <span class="tone-quiet">Last error:</span> {lastError}
        </p>
      )}
    </li>
  );
}

const EXAMPLE = 'hooks:\n  onPublish: https://auth.example/on_publish';

function NoTargets(): JSX.Element {
  return (
    <section class="empty">
      <p class="empty-title">No hooks are configured</p>
      <p class="hint">Let your own service decide who may publish or play, and hear what happens. In the configuration:</p>
      <pre class="example">
        <code>{EXAMPLE}</code>
      </pre>
    </section>
  );
}
