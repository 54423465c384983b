import { type WebSocketLimitOptions, type WebSocketLimits, checkWholeNumbers, givenLimits } from '@sluice/core';

/** Options of the relay plugin. */
export interface RelayOptions extends WebSocketLimitOptions {
  /** Default false. */
  readonly enabled?: boolean | undefined;
  /** A port of its own, where every path is served; by custom 8765. Default: only `/relay` on the server's port. */
  readonly port?: number | undefined;
  /** Address that this port listens on. Default: that of HTTP. */
  readonly host?: string | undefined;
  /** What clients must bring. Default: nothing, so that strangers may write to each other. */
  readonly token?: string | undefined;
  /** Origins whose pages may connect. Default: all. */
  readonly origins?: readonly string[] | undefined;
  /** A client that has not registered by then is closed, milliseconds. Default 30,000. */
  readonly registerTimeoutMs?: number | undefined;
  /** The client that has an id must answer a ping within this time, or a new one gets the id, milliseconds. Default 2,000. */
  readonly probeTimeoutMs?: number | undefined;
}

/** Options with every default filled in; limits that are not given are the host's. */
export interface RelaySettings {
  readonly enabled: boolean;
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly token: string | undefined;
  readonly origins: readonly string[] | undefined;
  readonly registerTimeoutMs: number;
  readonly probeTimeoutMs: number;
  readonly limits: Partial<WebSocketLimits>;
}

/** @throws MediaError CONFIG_INVALID when a number is out of range */
export function completeOptions(options: RelayOptions = {}): RelaySettings {
  checkWholeNumbers('relay', options, { leasts: { port: 0 } });
  const { enabled = false, port, host, token, origins, registerTimeoutMs = 30_000, probeTimeoutMs = 2_000, ...given } = options;
  return { enabled, port, host, token, origins, registerTimeoutMs, probeTimeoutMs, limits: givenLimits(given) };
}
