/** Options of the history that the server keeps. */
export interface HistoryGroupOptions {
  /** Default false. */
  readonly enabled?: boolean | undefined;
  /** The last ones that are kept of each system. Default 1,000. */
  readonly entries?: number | undefined;
  /** Of one entry, as JSON; a longer one is not kept. It must fit into a message with 2,048 to spare. Default 16,384. */
  readonly maxEntryBytes?: number | undefined;
  /** Systems; for another one the history of that which wrote least recently goes. Default 100. */
  readonly maxSystems?: number | undefined;
  /** Bytes that are kept of each system. Default 1,048,576. */
  readonly maxSystemBytes?: number | undefined;
  /** Producers that are recorded at a time. Default 100. */
  readonly maxProducers?: number | undefined;
  /** Of one message of a producer, unpacked; a longer one is not kept. Default 1,048,576. */
  readonly maxBatchBytes?: number | undefined;
  /** Of all messages of one producer, unpacked; messages beyond are not kept. Default 4,194,304. */
  readonly maxBytesPerSecond?: number | undefined;
}

/** {@link HistoryGroupOptions} with the defaults filled in. */
export type HistorySettings = { readonly [K in keyof HistoryGroupOptions]-?: NonNullable<HistoryGroupOptions[K]> };

export function completeHistoryOptions(options: HistoryGroupOptions = {}): HistorySettings {
  return {
    enabled: options.enabled ?? false,
    entries: options.entries ?? 1_000,
    maxEntryBytes: options.maxEntryBytes ?? 16_384,
    maxSystems: options.maxSystems ?? 100,
    maxSystemBytes: options.maxSystemBytes ?? 1_048_576,
    maxProducers: options.maxProducers ?? 100,
    maxBatchBytes: options.maxBatchBytes ?? 1_048_576,
    maxBytesPerSecond: options.maxBytesPerSecond ?? 4_194_304,
  };
}
