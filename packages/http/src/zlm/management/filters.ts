import { DEFAULT_VHOST, type SessionRecord, type Stream, type StreamKey, sessionSock } from '@sluice/core';
import type { Host } from '../../host.ts';
import { requireParam } from '../parameters.ts';
import type { ZlmParams } from './command.ts';

/** The stream that these parameters name; of another schema than `rtc` there is none. */
export function streamNamed(params: ZlmParams, host: Host): Stream | undefined {
  const schema = requireParam(params, 'schema');
  const key = streamKeyOf(params);
  return schema === 'rtc' ? host.manager.streams.find(key) : undefined;
}

/** @throws MediaError ARGUMENT_MISSING */
export function streamKeyOf(params: ZlmParams): StreamKey {
  return { vhost: params['vhost'] || DEFAULT_VHOST, app: requireParam(params, 'app'), stream: requireParam(params, 'stream') };
}

/** Streams that fit what is given of schema, vhost, app and stream. */
export function streamsFitting({ schema, vhost, app, stream }: ZlmParams, host: Host): readonly Stream[] {
  if (schema && schema !== 'rtc') return [];
  return host.manager.streams.list().filter(({ key }) => fits(key.vhost, vhost) && fits(key.app, app) && fits(key.stream, stream));
}

/** Sessions that fit what is given of local_port and peer_ip. */
export function sessionsFitting({ local_port: localPort, peer_ip: peerIp }: ZlmParams, host: Host): readonly SessionRecord[] {
  return host.manager.sessions.list().filter((record) => {
    const sock = sessionSock(record);
    return fits(String(sock.local_port), localPort) && fits(sock.peer_ip, peerIp);
  });
}

/** ZLMediaKit takes 1 and true for yes. */
export function isYes(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

/** An empty parameter is one that is not given. */
function fits(value: string, wanted: string | undefined): boolean {
  return !wanted || value === wanted;
}
