import { createDatagramSockets } from './datagram-socket.ts';
import { httpSignalling } from './http-signalling.ts';
import { JanusSignalling } from './janus-signalling.ts';
import { pace } from './pacer.ts';
import { askToPlay } from './peer.ts';
import type { LoadCommands, LoadCounts, LoadReply, LoadRequest, LoadSettings, SetUpTimes } from './protocol.ts';
import { Publisher } from './publisher.ts';
import { Viewer } from './viewer.ts';

/** Sessions of one process that end at once. */
const LEAVING_AT_ONCE = 20;

const settings: LoadSettings = JSON.parse(process.argv[2] ?? '{}');
const { url, kind } = settings.signalling;
const sockets = await createDatagramSockets(settings.address);
const signalling = kind === 'janus' ? await JanusSignalling.connect(url) : httpSignalling(url);
const publishers: Publisher[] = [];
const viewers: Viewer[] = [];

const commands: LoadCommands = {
  async connectPublishers(streams) {
    for (const stream of streams) publishers.push(await Publisher.connect({ ...settings, sockets, signalling, stream }));
  },
  async connectViewers({ stream, count, atOnce }) {
    const times: SetUpTimes[] = [];
    for (let left = count; left > 0; left -= atOnce) {
      const connecting = Array.from({ length: Math.min(atOnce, left) }, () => Viewer.connect({ ...settings, sockets, signalling, stream }));
      // All are waited for, so that none is left behind when another fails.
      const outcomes = await Promise.allSettled(connecting);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') throw outcome.reason;
        viewers.push(outcome.value);
        times.push({ answerMs: outcome.value.peer.answerMs, connectedMs: outcome.value.peer.connectedMs });
      }
    }
    return times;
  },
  async ask({ stream, count, atOnce }) {
    const times: number[] = [];
    for (let left = count; left > 0; left -= atOnce) {
      const exchanges = await Promise.all(Array.from({ length: Math.min(atOnce, left) }, () => askToPlay({ ...settings, signalling, stream })));
      times.push(...exchanges.map(({ answerMs }) => answerMs));
      for (const exchange of exchanges) await exchange.leave();
    }
    return times;
  },
  publish: ({ packetsPerSecond, seconds }) => pace(publishers, packetsPerSecond, seconds, settings.pacing),
  async count() {
    const { user, system } = process.cpuUsage();
    return { ...countArrivals(), cpuMicros: user + system };
  },
  async leave() {
    const leaving = [...viewers.splice(0), ...publishers.splice(0)];
    while (leaving.length > 0) await Promise.all(leaving.splice(0, LEAVING_AT_ONCE).map((peer) => peer.leave()));
  },
};

process.on('message', (request: LoadRequest) => void answer(request));
// Without a parent there is nothing to do.
process.once('disconnect', () => process.exit());
process.send?.('ready');

async function answer(request: LoadRequest): Promise<void> {
  const { id } = request;
  const reply: LoadReply = await perform(request).then(
    (result) => ({ id, result }),
    (error: unknown) => ({ id, error: error instanceof Error ? `${error.stack}` : String(error) }),
  );
  process.send?.(reply);
}

function perform(request: LoadRequest): Promise<unknown> {
  if (request.command === 'connectPublishers') return commands.connectPublishers(request.argument);
  if (request.command === 'connectViewers') return commands.connectViewers(request.argument);
  if (request.command === 'ask') return commands.ask(request.argument);
  if (request.command === 'publish') return commands.publish(request.argument);
  return commands[request.command]();
}

function countArrivals(): Omit<LoadCounts, 'cpuMicros'> {
  const counts = { received: 0, ignored: 0, retransmitted: 0, undecipherable: 0, withFeedback: 0 };
  for (const { arrivals, undecipherable, peer } of viewers) {
    counts.received += arrivals.received;
    counts.ignored += arrivals.ignored;
    counts.retransmitted += arrivals.retransmitted;
    counts.undecipherable += undecipherable;
    if (peer.remote.transportCcId !== undefined) counts.withFeedback++;
  }
  return counts;
}
