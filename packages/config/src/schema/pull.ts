import { count, deadline, flag, group } from './kinds.ts';

/** `pull`: what the plugin for streams of other servers is given. */
export const pullSettings = group({
  maxPulls: count.optional().meta({ description: 'Streams that are pulled at a time.', default: 100 }),
  maxRetries: count.optional().meta({ description: 'Failed attempts in a row before a stream that was started for viewers is given up.', default: 8 }),
  backoffMs: deadline.optional().meta({ description: 'Wait after the first failed attempt, milliseconds; doubles with each further one, half of it random.', default: 500 }),
  maxBackoffMs: deadline.optional().meta({ description: 'Longest wait between two attempts, milliseconds.', default: 5_000 }),
  connectTimeoutMs: deadline.optional().meta({ description: 'From the answer of the other server until media can flow, milliseconds.', default: 10_000 }),
  requestTimeoutMs: deadline.optional().meta({ description: 'One HTTP request with its answer, milliseconds; longer than other servers wait for a missing stream.', default: 20_000 }),
  maxRedirects: count.optional().meta({ description: 'Redirects that are followed.', default: 3 }),
  privateAddresses: flag.optional().meta({ description: 'Whether servers at loopback, private and other special addresses may be asked, and media taken from them. A server at a public one leads to none of them either way.', default: true }),
}).prefault({});
