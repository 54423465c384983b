import { sessionSock } from '@sluice/core';
import { requireParam } from '../parameters.ts';
import type { ZlmCommand } from './command.ts';
import { sessionsFitting } from './filters.ts';

const REASON = 'kicked by the ZLMediaKit API';

/** Who is connected, and their end. */
export const sessionCommands: Readonly<Record<string, ZlmCommand>> = {
  getAllSession: (params, host) => ({ data: sessionsFitting(params, host).map((record) => ({ id: record.id, ...sessionSock(record), typeid: record.plugin })) }),

  async kick_session(params, host) {
    await host.manager.closeSession(requireParam(params, 'id'), REASON);
    return { msg: 'success' };
  },

  async kick_sessions(params, host) {
    const hit = sessionsFitting(params, host);
    // One that is gone by itself in between, or fails to close, is out all the same.
    await Promise.allSettled(hit.map(({ id }) => host.manager.closeSession(id, REASON)));
    return { count_hit: hit.length, msg: 'success' };
  },
};
