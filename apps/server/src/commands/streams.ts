import type { StreamInfo } from '@sluice/http';
import { apiClient, apiFlags } from './api-client.ts';
import { defineCommand } from './command.ts';
import { age, textTable } from './text-table.ts';

export const streams = defineCommand({
  name: 'streams',
  summary: 'List the streams of a running server',
  flags: apiFlags,
  async run(call) {
    const rows = await apiClient(call.flags, call).list('streams');
    if (call.flags.json) call.print(`${JSON.stringify(rows, null, 2)}\n`);
    else if (rows.length === 0) call.print('There are no streams.\n');
    else call.print(textTable(['STREAM', 'STATE', 'FROM', 'VIEWERS', 'TRACKS', 'KBIT/S', 'SINCE'], rows.filter(isStream).map(cellsOf)));
    return 0;
  },
});

function cellsOf({ vhost, app, stream, state, origin, readers, tracks, liveSince }: StreamInfo): string[] {
  const name = vhost === '__defaultVhost__' ? `${app}/${stream}` : `${vhost}/${app}/${stream}`;
  const bitrate = tracks.reduce((sum, track) => sum + track.bitrate, 0);
  const now = Date.now();
  return [name, state, origin, String(readers), tracks.map(trackText).join(' + '), String(Math.round(bitrate / 1000)), age(liveSince ?? now, now)];
}

function trackText({ kind, codec = kind, frameWidth, frameHeight }: StreamInfo['tracks'][number]): string {
  return frameWidth === undefined || frameHeight === undefined ? codec : `${codec} ${frameWidth}x${frameHeight}`;
}

/** Rows come from a server of ours; this only keeps the command whole should something else answer. */
function isStream(row: unknown): row is StreamInfo {
  return typeof row === 'object' && row !== null && 'stream' in row && 'tracks' in row && Array.isArray(row.tracks) && row.tracks.every((track) => typeof track === 'object' && track !== null);
}
