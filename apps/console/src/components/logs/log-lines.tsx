import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { wordsOf } from '../../state/logs/log-query.ts';
import type { LogRow } from '../../state/logs/log-row.ts';
import type { ListLines, LiveLogs } from '../../state/logs/live-logs.ts';
import { LogLine, TraceLine } from './log-line.tsx';

/** Height of a line as the style sheet has it, pixels. */
const LINE_HEIGHT = 26;

/** Lines that are drawn above and below those in sight. */
const MARGIN = 12;

interface LogLinesProps {
  readonly logs: LiveLogs;
  readonly selected: Signal<LogRow | undefined>;
  readonly target: Signal<{ readonly index: number } | undefined>;
}

/** The list: only lines in sight are in the page, however many there are. At its end it follows what comes. */
export function LogLines({ logs, selected, target }: LogLinesProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  const follows = useSignal(true);
  const goneBefore = useRef(0);
  const lines = logs.lines.value;
  const words = wordsOf(logs.text.value);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    // Lines that have left the front make the others move up; what is read stays where it is.
    const moved = (lines.gone - goneBefore.current) * LINE_HEIGHT;
    goneBefore.current = lines.gone;
    if (follows.peek()) element.scrollTop = element.scrollHeight;
    else if (moved > 0) element.scrollTop -= moved;
  }, [lines]);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight;
      if (follows.peek()) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useSignalEffect(() => {
    const element = frame.current;
    if (!target.value || !element) return;
    follows.value = false;
    element.scrollTop = target.value.index * LINE_HEIGHT - element.clientHeight / 2;
  });

  function scrolled(element: HTMLDivElement): void {
    top.value = element.scrollTop;
    follows.value = element.scrollTop + element.clientHeight >= element.scrollHeight - LINE_HEIGHT;
  }

  /** Up and Down choose the line beside, Escape none, as a click does. */
  function pressed(event: KeyboardEvent, element: HTMLDivElement): void {
    if (event.key === 'Escape') selected.value = undefined;
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = rowBeside(lines, selected.peek(), step);
    if (!next) return;
    selected.value = next.row;
    intoSight(element, next.index);
    scrolled(element);
  }

  const first = Math.max(0, Math.floor(top.value / LINE_HEIGHT) - MARGIN);
  const last = Math.min(lines.size, Math.ceil((top.value + height.value) / LINE_HEIGHT) + MARGIN);
  const indices = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
  return (
    <div class="lines-place">
      <div class="lines" ref={frame} tabIndex={0} role="log" aria-live="off" aria-label="Log lines; Up and Down choose one" onScroll={({ currentTarget }) => scrolled(currentTarget)} onKeyDown={(event) => pressed(event, event.currentTarget)}>
        <div class="lines-space" style={{ height: `${lines.size * LINE_HEIGHT}px` }}>
          <ol class="lines-seen" style={{ transform: `translateY(${first * LINE_HEIGHT}px)` }}>
            {indices.map((index) => {
              const item = lines.at(index);
              if (!item) return <li key={index} class="line" />;
              if (item.type === 'trace') return <TraceLine key={item.trace.traceId} trace={item.trace} isOpen={item.isOpen} toggle={() => logs.toggleTrace(item.trace.traceId)} />;
              return <LogLine key={item.row.number} row={item.row} depth={item.depth} words={words} isSelected={selected.value === item.row} select={() => void (selected.value = selected.peek() === item.row ? undefined : item.row)} />;
            })}
          </ol>
        </div>
        {lines.size === 0 && <Nothing logs={logs} />}
      </div>
      {!follows.value && lines.size > 0 && (
        <button
          type="button"
          class="button lines-newest"
          onClick={() => {
            follows.value = true;
            if (frame.current) frame.current.scrollTop = frame.current.scrollHeight;
          }}
        >
          To the newest
        </button>
      )}
    </div>
  );
}

const STEPS: Readonly<Record<string, 1 | -1 | undefined>> = { ArrowUp: -1, ArrowDown: 1 };

/** The next row above or below; without one to begin at, the newest. */
function rowBeside(lines: ListLines, row: LogRow | undefined, step: 1 | -1): { readonly index: number; readonly row: LogRow } | undefined {
  const indices = Array.from({ length: lines.size }, (_, index) => index).filter((index) => rowAt(lines, index) !== undefined);
  const at = row ? indices.findIndex((index) => rowAt(lines, index) === row) : -1;
  const index = at < 0 ? indices.at(-1) : indices[at + step];
  const found = index === undefined ? undefined : rowAt(lines, index);
  return index !== undefined && found ? { index, row: found } : undefined;
}

function rowAt(lines: ListLines, index: number): LogRow | undefined {
  const item = lines.at(index);
  return item?.type === 'row' ? item.row : undefined;
}

function intoSight(frame: HTMLElement, index: number): void {
  const top = index * LINE_HEIGHT;
  const bottom = top + LINE_HEIGHT - frame.clientHeight;
  frame.scrollTop = Math.max(bottom, Math.min(top, frame.scrollTop));
}

const EXAMPLE = `import { LogProducer } from '@sluice/client';

const log = new LogProducer({ url: 'ws://…/signaling', systemName: 'shop', peerConnection });
log.info('order paid', { order: 4711 });`;

function Nothing({ logs }: { readonly logs: LiveLogs }): JSX.Element {
  if (logs.counts.value.kept > 0) return <p class="hint log-empty">No line fits. Show more levels or systems, or filter by fewer words.</p>;
  if (logs.systems.value.length > 0) return <p class="hint log-empty">Nothing has been written since this page listens.</p>;
  return (
    <div class="lines-nothing">
      <p class="empty-title">No program sends its logs</p>
      <p class="hint">Every program may, over WebRTC. In JavaScript:</p>
      <pre class="example">
        <code>{EXAMPLE}</code>
      </pre>
    </div>
  );
}
