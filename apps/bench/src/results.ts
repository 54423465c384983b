/** The servers under test; the first is the one that the others are compared with. */
export const SERVER_NAMES = ['sluice', 'werift'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** Sessions made one after another, on a server that is warm and otherwise idle. */
export interface SetUpResult {
  readonly server: ServerName;
  readonly sessions: number;
  /** Server CPU from the POST of the offer until DTLS is done. */
  readonly cpuMsPerSession: number;
  /** From the POST of the offer until the answer was read. */
  readonly answerMsP50: number | undefined;
  readonly answerMsP99: number | undefined;
  /** Growth of the resident set by one connected viewer, after garbage collection. */
  readonly rssBytesPerViewer: number;
}

/** One publisher, whose packets go to all viewers for some seconds. */
export interface FanOutResult {
  readonly server: ServerName;
  readonly viewers: number;
  /** As asked for. */
  readonly packetsPerSecond: number;
  readonly seconds: number;
  readonly published: number;
  /** By all viewers together. */
  readonly received: number;
  /** What the server says that it has sent to all viewers, reports included. */
  readonly serverSent: number;
  readonly serverCpuMicros: number;
  readonly serverRssBytes: number;
  /** Of this process, which is publisher and viewers. */
  readonly generatorCpuMicros: number;
}

/** Where and how it was measured. */
export interface Setting {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly loadAverage: number;
  readonly kernel: string;
  readonly node: string;
  readonly packetBytes: number;
  readonly codec: string;
  readonly srtpProfile: string;
  /** Versions by package name. */
  readonly peers: Readonly<Record<string, string>>;
}

/** All of one run; what `--json` writes. */
export interface BenchResults {
  readonly setting: Setting;
  readonly setUp: readonly SetUpResult[];
  readonly fanOut: readonly FanOutResult[];
}

/** Server CPU per packet that reached a viewer; undefined when none did. */
export function cpuMicrosPerPacket({ serverCpuMicros, received }: FanOutResult): number | undefined {
  return received === 0 ? undefined : serverCpuMicros / received;
}

/** Share of the packets that reached no viewer, 0 to 1. */
export function lossOf({ published, received, viewers }: FanOutResult): number {
  const expected = published * viewers;
  return expected === 0 ? 0 : Math.max(0, (expected - received) / expected);
}
