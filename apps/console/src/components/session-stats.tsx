import type { JSX } from 'preact';
import { formatBitrate, formatFrameRate, formatLoss, formatMilliseconds, formatResolution } from '../format.ts';
import type { Session } from '../state/session.ts';
import { Fact } from './fact.tsx';
import { Sparkline } from './sparkline.tsx';

/** Half a minute, one value per second. */
const SPARKLINE_CAPACITY = 30;

/** What getStats says, in a row under the picture. */
export function SessionStatsRow({ session }: { readonly session: Session }): JSX.Element {
  const stats = session.stats.value;
  const codecs = stats?.codecs.join(' + ') ?? '';
  return (
    <dl class="stats">
      <Fact label="Bitrate" value={formatBitrate(stats?.bitrate)} wide>
        <Sparkline values={session.bitrates.value} capacity={SPARKLINE_CAPACITY} />
      </Fact>
      <Fact label="Picture" value={formatResolution(stats)} />
      <Fact label="Frame rate" value={formatFrameRate(stats?.framesPerSecond)} />
      <Fact label="Loss" value={formatLoss(stats?.loss)} />
      <Fact label="Round trip" value={formatMilliseconds(stats?.roundTripMs)} />
      <Fact label="Codecs" value={codecs === '' ? '–' : codecs} wide />
    </dl>
  );
}
