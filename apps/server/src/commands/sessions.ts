import { MediaError } from '@sluice/core';
import type { SessionInfo } from '@sluice/http';
import { apiClient, apiFlags } from './api-client.ts';
import { defineCommand } from './command.ts';
import { age, textTable } from './text-table.ts';

export const sessions = defineCommand({
  name: 'sessions',
  summary: 'List the sessions of a running server, or show one with all that is known of it',
  positionals: ['[ID]'],
  flags: { ...apiFlags, all: { type: 'boolean', help: 'also those that ended lately' } },
  async run(call) {
    const { positionals: [id], flags, print } = call;
    const api = apiClient(flags, call);
    if (id !== undefined) {
      print(`${JSON.stringify(await api.get(`sessions/${encodeURIComponent(id)}`), null, 2)}\n`);
      return 0;
    }
    const rows = await api.list(flags.all === true ? 'sessions' : 'sessions?ended=false');
    if (flags.json) print(`${JSON.stringify(rows, null, 2)}\n`);
    else if (rows.length === 0) print('There are no sessions.\n');
    else print(textTable(['ID', 'TYPE', 'ROLE', 'STREAM', 'CLIENT', 'STATE', 'AGE', 'REASON'], rows.filter(isSession).map(cellsOf)));
    return 0;
  },
});

export const kick = defineCommand({
  name: 'kick',
  summary: 'End a session of a running server',
  positionals: ['ID'],
  flags: apiFlags,
  async run(call) {
    const { positionals: [id], flags, print } = call;
    if (id === undefined) throw new MediaError('ARGUMENT_MISSING', 'sluice kick needs the ID of a session.');
    await apiClient(flags, call).delete(`sessions/${encodeURIComponent(id)}`);
    print(flags.json ? `${JSON.stringify({ ended: id })}\n` : `The session ${id} has ended.\n`);
    return 0;
  },
});

function cellsOf({ id, type, role, stream, client, state, createdAt, reason }: SessionInfo): string[] {
  const name = stream === undefined ? '' : `${stream.app}/${stream.stream}`;
  return [id, type, role, name, client.address, state ?? '', age(createdAt, Date.now()), reason ?? ''];
}

/** Rows come from a server of ours; this only keeps the command whole should something else answer. */
function isSession(row: unknown): row is SessionInfo {
  return typeof row === 'object' && row !== null && 'id' in row && 'client' in row && typeof row.client === 'object' && row.client !== null;
}
