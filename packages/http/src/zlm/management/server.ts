import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { MediaError } from '@sluice/core';
import type { Configuration } from '../../configuration.ts';
import type { Host } from '../../host.ts';
import type { ZlmCommand } from './command.ts';

/** Parameters that are no settings. */
const NO_SETTINGS = ['secret', 'vhost'];

/** The server itself: its settings and figures. Made for each app, because the load is that since the last question. */
export function serverCommands(): Readonly<Record<string, ZlmCommand>> {
  let last: EventLoopUtilization | undefined;
  return {
    getServerConfig: (_params, host) => ({ data: [configurationOf(host).printIni()] }),

    async setServerConfig(params, host) {
      const values = Object.fromEntries(Object.entries(params).filter(([name]) => !NO_SETTINGS.includes(name)));
      const { applied, needsRestart, ignored } = await changed(configurationOf(host).setIni(values));
      return { changed: applied.length + needsRestart.length, needsRestart, ignored };
    },

    getStatistic: (_params, host) => ({ data: figuresOf(host) }),

    async getThreadsLoad() {
      const askedAt = performance.now();
      await setImmediate();
      const total = performance.eventLoopUtilization();
      const { utilization } = last === undefined ? total : performance.eventLoopUtilization(total, last);
      last = total;
      return { data: [{ load: Math.round(utilization * 100), delay: Math.round(performance.now() - askedAt) }] };
    },

    /** A release has no commit of its own here; its number stands in that place. */
    version: (_params, { version = '' }) => ({ data: { branchName: 'sluice', buildTime: '', commitHash: version } }),
  };
}

function configurationOf({ configuration }: Host): Configuration {
  if (configuration) return configuration;
  throw new MediaError('CONFIG_UNAVAILABLE', 'The program that this server runs in does not show its configuration.');
}

/** A value that cannot be is a bad argument here. */
async function changed<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!MediaError.is(error) || error.code !== 'CONFIG_INVALID') throw error;
    throw new MediaError('ARGUMENT_INVALID', error.message, { cause: error });
  }
}

/** The names of ZLMediaKit count its objects; here are those that have a counterpart. */
function figuresOf({ manager, engine }: Host): Readonly<Record<string, number>> {
  const streams = manager.streams.list();
  const stats = engine?.stats();
  return {
    MediaSource: streams.length,
    MultiMediaSourceMuxer: streams.length,
    UdpSession: manager.sessions.size,
    Socket: stats?.transports ?? 0,
    RtpPacket: stats?.packetsReceived ?? 0,
    totalMemUsage: process.memoryUsage().rss,
    totalMemUsageMB: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
}
