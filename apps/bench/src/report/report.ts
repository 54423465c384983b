import type { Figure } from '../goals.ts';
import type { PartName, PartResult } from '../parts/part.ts';
import type { Setting } from '../setting.ts';
import { formatGoals } from './goals-table.ts';
import { formatTable } from './table.ts';

/** All of one run; what `--json` writes. */
export interface BenchResults {
  readonly setting: Setting;
  readonly parts: Readonly<Partial<Record<PartName, PartResult>>>;
  /** Parts that could not be measured, and why. */
  readonly failures: Readonly<Partial<Record<PartName, string>>>;
}

export function formatSetting(setting: Setting): string {
  const peers = Object.entries(setting.peers).map(([name, version]) => `${name} ${version}`);
  return [
    `${setting.date.slice(0, 10)}: ${setting.cpu}, ${setting.cores} cores, load average ${setting.loadAverage.toFixed(1)} at the start, ${setting.kernel}, Node ${setting.node}`,
    `RTP packets of ${setting.packetBytes} bytes, ${setting.codec}, ${setting.srtpProfile}; servers and load on this machine's own address ${setting.address}`,
    `Servers: ${peers.join(', ')}. Ratios hold; absolute figures are this machine's, at this moment.`,
  ].join('\n');
}

export function formatPart({ title, table, notes }: PartResult): string {
  return [title, formatTable(table), ...notes.map((note) => `  ${note}`)].join('\n');
}

export function formatSummary({ parts, failures }: BenchResults): string {
  const figures: Figure[] = Object.values(parts).flatMap((part) => part.figures);
  const failed = Object.entries(failures).map(([name, reason]) => `${name} could not be measured: ${reason}`);
  return [`Goals\n${formatGoals(figures)}`, ...failed].join('\n\n');
}
