import type { LogInput } from '../encode-log-entry.ts';

/** What adapters write to: a LogProducer. */
export interface LogSink {
  write(input: LogInput): void;
}
