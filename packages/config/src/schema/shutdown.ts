import { group, milliseconds } from './kinds.ts';

/** `shutdown`: how the server stops. */
export const shutdownSettings = group({
  drainMs: milliseconds
    .default(0)
    .describe('How long after SIGTERM open sessions may go on, while new ones are refused and /readyz fails, milliseconds. The server stops earlier when the last has ended. 0 ends them at once, as SIGINT does.'),
}).prefault({});
