import type { Awaitable, NegotiationRequest, WebRtcPlugin } from '@sluice/core';

/** Makes a new plugin on each call, as a plugin package's factory does. */
export type CreatePlugin = () => Awaitable<WebRtcPlugin>;

/** What a plugin needs in order to be checked; most need nothing. */
export interface ConformanceOptions {
  /**
   * What the sample requests must have beyond an offer for `live/test`, for a plugin that looks at them:
   * for example `query`, `headers` or `credentials`.
   */
  readonly request?: Partial<Omit<NegotiationRequest, 'offer' | 'signal'>> | undefined;
  /** Plugins that must be there too, those of `dependsOn` above all. */
  readonly companions?: readonly CreatePlugin[] | undefined;
  /** How long the plugin may take for each step, milliseconds of real time. Default 3,000. */
  readonly deadlineMs?: number | undefined;
}

/** The plugin under check. */
export interface Subject {
  readonly createPlugin: CreatePlugin;
  readonly request: NonNullable<ConformanceOptions['request']>;
  readonly companions: readonly CreatePlugin[];
  readonly deadlineMs: number;
}

/** Fills the defaults in. */
export function subjectOf(createPlugin: CreatePlugin, options: ConformanceOptions): Subject {
  const { request = {}, companions = [], deadlineMs = 3_000 } = options;
  return { createPlugin, request, companions, deadlineMs };
}
