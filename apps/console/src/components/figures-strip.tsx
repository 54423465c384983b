import type { JSX } from 'preact';
import { formatBitrate, formatCount, formatLoss } from '../format.ts';
import { useStore } from '../state/store.ts';
import { Fact } from './fact.tsx';

/** What the server does at this moment, for administrators; others see nothing of it. */
export function FiguresStrip(): JSX.Element | null {
  const { state } = useStore().monitors.figures;
  if (state.value.name !== 'known') return null;
  const { sessions, streams, bitrateIn, bitrateOut, eventLoop, dropped } = state.value.value;
  return (
    <section class="figures" aria-label="Figures of the server">
      <dl class="figures-list">
        <Fact label="Streams" value={String(streams)} />
        <Fact label="Sessions" value={String(sessions)} />
        <Fact label="In" value={formatBitrate(bitrateIn)} />
        <Fact label="Out" value={formatBitrate(bitrateOut)} />
        <Fact label="Event loop busy" value={formatLoss(eventLoop)} />
        <Fact label="Packets dropped" value={dropText(dropped)} />
      </dl>
    </section>
  );
}

/** `0`, `12 · no-session`: the reason that counts most is what an operator asks next. */
function dropText(dropped: Readonly<Record<string, number>>): string {
  const [most, ...rest] = Object.entries(dropped).toSorted(([, a], [, b]) => b - a);
  if (!most) return '0';
  const total = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const others = rest.length === 0 ? '' : ` and ${formatCount(rest.length, 'more reason')}`;
  return `${total} · ${most[0]}${others}`;
}
