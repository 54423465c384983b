import type { JSX } from 'preact';
import { formatInteger } from '../../format.ts';
import type { LiveLogs, LogSystem } from '../../state/logs/live-logs.ts';

const STATE_LABELS: Readonly<Record<LogSystem['state'], string>> = { live: 'live', connecting: 'connecting', away: 'away' };

/** Who sends logs, and how much; each may be left out. */
export function LogSystems({ logs }: { readonly logs: LiveLogs }): JSX.Element | null {
  const systems = logs.systems.value;
  if (systems.length === 0) return null;
  return (
    <fieldset class="chips">
      <legend class="visually-hidden">Which systems to show</legend>
      {systems.map(({ name, state, received, perSecond }) => (
        <label key={name} class="chip system-chip" title={`${STATE_LABELS[state]}, ${formatInteger(received)} lines`}>
          <input type="checkbox" checked={!logs.hidden.value.has(name)} onChange={() => logs.toggleSystem(name)} />
          <span class={`dot dot-${state}`} aria-hidden="true" />
          <span>{name}</span>
          <span class="system-rate">{perSecond > 0 ? `${formatInteger(Math.ceil(perSecond))}/s` : STATE_LABELS[state]}</span>
        </label>
      ))}
    </fieldset>
  );
}
