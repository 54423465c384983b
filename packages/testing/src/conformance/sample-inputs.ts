import { DEFAULT_VHOST, type HookName, type HookPoints } from '@sluice/core';
import { sampleAccessRequest } from '@sluice/core/testing';
import type { ConformanceOptions } from './conformance-options.ts';

/** An input for each hook point. */
export type SampleInputs = { readonly [N in HookName]: HookPoints[N]['input'] };

/** Inputs that look like those of a running server, for the stream of the sample request. */
export function sampleInputs({ app = 'live', stream = 'test', vhost = DEFAULT_VHOST, ...rest }: NonNullable<ConformanceOptions['request']>): SampleInputs {
  const key = { vhost, app, stream };
  const { query = '', headers = {}, credentials = {}, protocol = 'test' } = rest;
  const params = rest.params ?? Object.fromEntries(new URLSearchParams(query));
  const access = sampleAccessRequest({ ...key, query, params, headers, credentials, protocol });
  const { sessionId, remote } = access;
  const session = { sessionId, type: 'play', plugin: '@sluice/plugin-play', role: 'viewer', stream: key, protocol, query, remote } as const;
  return {
    publish: { ...access, type: 'push' },
    play: access,
    'stream-not-found': access,
    'none-reader': { stream: key, idleMs: 20_000, query },
    'stream-changed': { stream: key, live: true },
    'session-opened': session,
    'session-state': { ...session, state: 'connected' },
    'session-closed': { ...session, reason: 'closed', durationMs: 1_000, bytesReceived: 0, bytesSent: 0 },
    'server-started': { startedAt: Date.UTC(2026, 0, 1) },
    'server-exited': { exitedAt: Date.UTC(2026, 0, 2) },
    input: { stream: key, sessionId, channel: 'chat', message: 'hello' },
  };
}
