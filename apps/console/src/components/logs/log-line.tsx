import type { ComponentChildren, JSX } from 'preact';
import { formatCount, formatMilliseconds } from '../../format.ts';
import type { LogRow } from '../../state/logs/log-row.ts';
import type { TraceGroup } from '../../state/logs/trace-groups.ts';
import { fieldWords, levelTone, timeWords } from './log-words.ts';

interface LogLineProps {
  readonly row: LogRow;
  /** How far it is indented. */
  readonly depth: number;
  /** That are marked. */
  readonly words: readonly string[];
  readonly isSelected: boolean;
  readonly select: () => void;
}

/** One entry on one line. */
export function LogLine({ row, depth, words, isSelected, select }: LogLineProps): JSX.Element {
  const { entry, system } = row;
  const { level, timestamp, target, message, fields } = entry;
  return (
    <li class={`line line-${levelTone(level)}`} aria-current={isSelected} onClick={select}>
      <time class="line-time" dateTime={timestamp}>
        {timeWords(timestamp)}
      </time>
      <span class={`line-level tone-${levelTone(level)}`}>{level}</span>
      <span class="line-system" title={system}>
        {system}
      </span>
      <span class="line-target" title={target}>
        {target}
      </span>
      <span class="line-message" style={depth > 0 ? { paddingLeft: `${depth}rem` } : undefined}>
        <Marked text={message} words={words} />
        {fieldWords(fields).map(([name, value]) => (
          <span key={name} class="line-field">
            <span class="line-name">{name}=</span>
            <Marked text={value} words={words} />
          </span>
        ))}
      </span>
    </li>
  );
}

interface TraceLineProps {
  readonly trace: TraceGroup;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}

/** The head of a trace, by which its rows are shown. */
export function TraceLine({ trace, isOpen, toggle }: TraceLineProps): JSX.Element {
  const { traceId, rows, systems, level, durationMs } = trace;
  return (
    <li class={`line line-trace line-${levelTone(level)}`}>
      <button type="button" class="line-toggle" aria-expanded={isOpen} onClick={toggle}>
        <span class="line-time">{timeWords(rows[0]?.entry.timestamp ?? '')}</span>
        <span class={`line-level tone-${levelTone(level)}`}>{level}</span>
        <span class="line-system">{systems.join(', ')}</span>
        <code class="line-target">{traceId}</code>
        <span class="line-message">
          <span aria-hidden="true">{isOpen ? '▾ ' : '▸ '}</span>
          {rows[0]?.entry.message}
          <span class="line-field">{`${formatCount(rows.length, 'line')} · ${formatMilliseconds(durationMs)}`}</span>
        </span>
      </button>
    </li>
  );
}

/** Longer texts are cut at the line's end anyway. */
const MAX_MARKED_LENGTH = 600;

function Marked({ text, words }: { readonly text: string; readonly words: readonly string[] }): JSX.Element {
  const shown = text.slice(0, MAX_MARKED_LENGTH);
  return <>{words.length === 0 ? shown : marked(shown, words)}</>;
}

function marked(text: string, words: readonly string[]): ComponentChildren[] {
  const lower = text.toLowerCase();
  // Some letters change their length; then places in one are not places in the other.
  if (lower.length !== text.length) return [text];
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (let next = nextWord(lower, words, at); next; next = nextWord(lower, words, at)) {
    parts.push(text.slice(at, next.start), <mark key={next.start}>{text.slice(next.start, next.end)}</mark>);
    at = next.end;
  }
  return [...parts, text.slice(at)];
}

function nextWord(lower: string, words: readonly string[], from: number): { readonly start: number; readonly end: number } | undefined {
  const found = words.map((word) => ({ start: lower.indexOf(word, from), end: lower.indexOf(word, from) + word.length })).filter(({ start }) => start >= 0);
  return found.toSorted((one, other) => one.start - other.start)[0];
}
