import type { Host } from '../../host.ts';

/** Parameters of a request: the query first, then the fields of its body. */
export type ZlmParams = Readonly<Record<string, string>>;

/** One name of the management API: gives what stands in the answer beside `code`, which is 0 unless it says otherwise. */
export type ZlmCommand = (params: ZlmParams, host: Host) => Promise<object> | object;
