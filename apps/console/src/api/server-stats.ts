import type { AdminRequest } from './admin-request.ts';
import { jsonField } from './json.ts';

type Counts = Readonly<Record<string, number>>;

/** What the server counts, as far as the page shows it. Counters run since its start. */
export interface ServerStats {
  readonly uptimeMs: number;
  readonly process: { readonly cpuSeconds: number; readonly eventLoopActiveSeconds?: number | undefined; readonly rssBytes: number };
  readonly sessions: { readonly open: number };
  readonly streams: { readonly live: number };
  /** Absent when the program does not show its media plane. */
  readonly engine?:
    | {
        readonly dropped: Counts;
        readonly media: {
          readonly received: { readonly dropped: Counts };
          readonly sent: { readonly dropped: Counts };
          readonly transport: { readonly bytesReceived: number; readonly bytesSent: number; readonly dropped: Counts };
        };
      }
    | undefined;
}

/** @throws RequestError, TypeError or a TimeoutError */
export async function fetchServerStats(request: AdminRequest): Promise<ServerStats> {
  const response = await request('api/v1/stats');
  const stats: unknown = await response.json();
  if (isServerStats(stats)) return stats;
  throw new TypeError('Something else than a Sluice server has answered.');
}

function isServerStats(body: unknown): body is ServerStats {
  return ['process', 'sessions', 'streams'].every((name) => typeof jsonField(body, name) === 'object');
}
