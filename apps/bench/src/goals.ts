/** Bounds of one goal; absent is what nobody has set. */
export interface Goal {
  readonly what: string;
  readonly unit: string;
  /** Whether the goal is an upper or a lower bound. */
  readonly better: 'lower' | 'higher';
  readonly goal?: number;
  readonly stretch?: number;
}

/** What Sluice is built to reach. */
export const GOALS = {
  forwardNative: { what: 'CPU per forwarded packet, native tier', unit: 'µs', better: 'lower', goal: 5, stretch: 3.5 },
  forwardPortable: { what: 'CPU per forwarded packet, portable tier', unit: 'µs', better: 'lower', goal: 11 },
  againstWerift: { what: 'cheaper than plain werift', unit: '×', better: 'higher', goal: 8, stretch: 15 },
  againstJanus: { what: 'cheaper than Janus', unit: '×', better: 'higher', goal: 6, stretch: 10 },
  capacity: { what: 'viewers of 2.25 Mbit/s without loss, load generator included', unit: '', better: 'higher', goal: 500, stretch: 800 },
  setUp: { what: 'CPU per session set-up', unit: 'ms', better: 'lower', goal: 8, stretch: 4 },
  connected: { what: 'POST → connected in Chromium, p50', unit: 'ms', better: 'lower', goal: 45, stretch: 25 },
  answerP50: { what: 'POST → answer, idle, p50', unit: 'ms', better: 'lower', goal: 2, stretch: 1 },
  answerP99: { what: 'POST → answer, idle, p99', unit: 'ms', better: 'lower', goal: 8, stretch: 4 },
  answersAtOnce: { what: 'POST → answer, 100 at once, p99', unit: 'ms', better: 'lower', goal: 400 },
  memory: { what: 'memory per connected viewer', unit: 'KB', better: 'lower', goal: 120, stretch: 60 },
  firstFrame: { what: 'first decoded frame in Chromium, from POST, p50', unit: 'ms', better: 'lower', goal: 150, stretch: 100 },
  bitrate: { what: 'available bitrate of a 720p Chromium publisher 5 s after connecting', unit: 'Mbit/s', better: 'higher', goal: 3.5, stretch: 5 },
  freezes5: { what: 'freezes per minute at 5 % loss', unit: '', better: 'lower', goal: 0 },
  freezes10: { what: 'freezes per minute at 10 % loss', unit: '', better: 'lower', stretch: 0 },
  vanished: { what: 'vanished client freed', unit: 's', better: 'lower', goal: 7, stretch: 5 },
  politeClose: { what: 'polite close seen by the peer', unit: 's', better: 'lower', goal: 0.2, stretch: 0.05 },
  growthViewers: { what: 'cost per packet, most viewers against 10', unit: '×', better: 'lower', goal: 1.2 },
  growthStreams: { what: 'cost per packet, most streams against 1', unit: '×', better: 'lower', goal: 1.2 },
  memoryKept: { what: 'memory that repeated loads leave behind, share of what the first took', unit: '', better: 'lower', goal: 0.1 },
} as const satisfies Record<string, Goal>;

export type GoalId = keyof typeof GOALS;

/** A measurement that a goal speaks of. */
export interface Figure {
  readonly goal: GoalId;
  /** The case, where there are several. */
  readonly label?: string;
  /** Undefined when it could not be measured. */
  readonly value: number | undefined;
}

export type Verdict = 'stretch' | 'reached' | 'missed' | 'not measured';

/** How a measurement stands to its goal. */
export interface Judgement {
  readonly verdict: Verdict;
  /** How many times better than the goal, or than the stretch where there is no goal; below 1 is missed. */
  readonly ratio: number | undefined;
}

export function judge({ goal: id, value }: Figure): Judgement {
  const goal: Goal = GOALS[id];
  const bound = goal.goal ?? goal.stretch;
  if (value === undefined || bound === undefined) return { verdict: 'not measured', ratio: undefined };
  const ratio = timesBetter(goal, value, bound);
  if (goal.stretch !== undefined && reaches(goal, value, goal.stretch)) return { verdict: 'stretch', ratio };
  return { verdict: reaches(goal, value, bound) ? 'reached' : 'missed', ratio };
}

function reaches({ better }: Goal, value: number, bound: number): boolean {
  return better === 'lower' ? value <= bound : value >= bound;
}

function timesBetter({ better }: Goal, value: number, bound: number): number | undefined {
  const [dividend, divisor] = better === 'lower' ? [bound, value] : [value, bound];
  return divisor === 0 ? undefined : dividend / divisor;
}
