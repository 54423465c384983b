/** What a server under test says of itself. */
export interface ServerUsage {
  /** User and system time of the process since it started, microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
  /** Packets handed to the system for all viewers since the server started. */
  readonly packetsSent: number;
}
