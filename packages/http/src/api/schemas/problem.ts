import { z } from 'zod';
import { named, text } from './schema.ts';

/** An error (RFC 9457). */
export const problem = named('Problem', 'An error (RFC 9457).', {
  type: text,
  title: text,
  status: z.int().min(400).max(599),
  detail: text.describe('What happened, what was expected, what to do.'),
  code: text.optional().describe('Machine-readable, for example STREAM_NOT_FOUND.'),
});
