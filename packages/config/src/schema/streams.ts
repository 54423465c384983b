import { DEFAULT_STREAM_OPTIONS, type StreamOptions } from '@sluice/core';
import type { z } from 'zod';
import { choice, deadline, group, milliseconds } from './kinds.ts';

const { maxStreamWaitMs, noneReaderDelayMs, takeover, publisherGraceMs } = DEFAULT_STREAM_OPTIONS;

/** `streams`: what holds for every stream. */
export const streamSettings = group({
  maxStreamWaitMs: milliseconds
    .optional()
    .meta({ description: 'How long a viewer waits for a stream that nobody publishes yet, milliseconds; 0 refuses at once.', default: maxStreamWaitMs }),
  noneReaderDelayMs: deadline
    .optional()
    .meta({ description: 'How long a stream has had no viewer when the none-reader hook is asked, milliseconds.', default: noneReaderDelayMs }),
  takeover: choice(['never', 'silent', 'always'])
    .optional()
    .meta({ description: 'When the publisher of a stream gives way to another with the same credentials: never, when it is silent, or always.', default: takeover }),
  publisherGraceMs: milliseconds
    .optional()
    .meta({ description: 'How long viewers are kept for a publisher that vanished, milliseconds.', default: publisherGraceMs }),
} satisfies Record<keyof StreamOptions, z.ZodType>).prefault({});
