import { MediaError, type StreamProxies, type StreamProxy, parseStreamSource, streamProxies } from '@sluice/core';
import type { Host } from '../../host.ts';
import { requireParam } from '../parameters.ts';
import type { ZlmCommand } from './command.ts';
import { streamKeyOf } from './filters.ts';

/** Streams that are pulled from other servers by WHEP. */
export const streamProxyCommands: Readonly<Record<string, ZlmCommand>> = {
  async addStreamProxy(params, host) {
    const source = parseStreamSource({ whep: requireParam(params, 'url'), token: params['token'] || undefined });
    if (!('whep' in source)) throw new MediaError('ARGUMENT_INVALID', 'The url must be that of a WHEP endpoint.');
    const { id } = await proxiesOf(host).add({ stream: streamKeyOf(params), source, maxRetries: retriesOf(params['retry_count']) });
    return { data: { key: id } };
  },

  delStreamProxy: (params, host) => ({ data: { flag: proxiesOf(host).remove(requireParam(params, 'key'), 'removed by the ZLMediaKit API') } }),

  listStreamProxy: (_params, host) => ({ data: host.manager.contributions(streamProxies).flatMap(({ value }) => value.list().map(rowOf)) }),
};

function proxiesOf({ manager }: Host): StreamProxies {
  const [first] = manager.contributions(streamProxies);
  if (first) return first.value;
  throw new MediaError('PLUGIN_NOT_FOUND', 'No plugin of this server pulls streams of others.');
}

/** As ZLMediaKit has it, a negative number is no bound. */
function retriesOf(value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  const count = Number(value);
  if (!Number.isInteger(count)) throw new MediaError('ARGUMENT_INVALID', 'retry_count must be a whole number; -1 tries for ever.');
  return count < 0 ? undefined : count;
}

function rowOf({ id, stream, origin, createdAt, onDemand }: StreamProxy): object {
  const { url = '', state, lastError = '', failedAttempts = 0 } = origin;
  return {
    key: id,
    url,
    src: { schema: 'rtc', ...stream },
    status: state === 'live' ? 0 : 1,
    statusStr: state,
    rePullCount: failedAttempts,
    lastError,
    onDemand,
    liveSecs: state === 'live' ? Math.max(0, Math.floor((Date.now() - createdAt) / 1000)) : 0,
  };
}
