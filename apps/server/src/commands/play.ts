import { receiveCapabilities } from '@sluice/core';
import { readReceived } from '../peer/media-report.ts';
import { openPeer } from '../peer/peer.ts';
import { untilInterrupted } from '../peer/until-interrupted.ts';
import { formatOf, watchFlags, watchPeer } from '../peer/watch-peer.ts';
import { defineCommand } from './command.ts';

/** A viewer that shows numbers instead of pictures. */
export const play = defineCommand({
  name: 'play',
  summary: 'Play a stream from a WHEP URL, to see how it arrives',
  positionals: ['URL'],
  flags: watchFlags,
  notes: 'Nothing is decoded. Exits with 1 when the server ends the stream.',
  async run({ positionals: [url = ''], flags, print, complain }) {
    using interrupted = untilInterrupted(flags.seconds);
    const { signal } = interrupted;
    const { audio, video } = receiveCapabilities();
    await using peer = await openPeer({ url, token: flags.token, capabilities: { audio, video }, signal });
    const { transport } = peer;
    const { remote } = transport.stats();
    complain(`Playing ${url}: connected to ${remote?.address ?? '?'} port ${remote?.port ?? '?'} in ${peer.connectedInMs.toFixed(0)} ms\n`);
    const reason = await watchPeer({ peer, read: () => readReceived(transport), format: formatOf(flags), print, signal });
    if (reason === undefined) return 0;
    complain(`The stream ended: ${reason}\n`);
    return 1;
  },
});
