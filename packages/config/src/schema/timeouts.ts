import { DEFAULT_TIMEOUTS, type ManagerTimeouts } from '@sluice/core';
import type { z } from 'zod';
import { deadline, group } from './kinds.ts';

/** A deadline whose default is core's. */
function timeout(name: keyof ManagerTimeouts, description: string) {
  return deadline.optional().meta({ description, default: DEFAULT_TIMEOUTS[name] });
}

/** `timeouts`: deadlines of plugins and hooks. */
export const timeoutSettings = group({
  setupMs: timeout('setupMs', 'Set-up of one plugin, milliseconds.'),
  hookMs: timeout('hookMs', 'One handler of a hook point, milliseconds.'),
  negotiateMs: timeout('negotiateMs', 'From the request to its answer, the wait for a missing stream not counted, milliseconds.'),
  closeMs: timeout('closeMs', 'Closing of one session or plugin, milliseconds.'),
} satisfies Record<keyof ManagerTimeouts, z.ZodType>).prefault({});
