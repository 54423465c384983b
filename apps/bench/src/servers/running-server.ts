import type { SignallingAddress } from '../load/protocol.ts';
import { startJanus } from './janus-process.ts';
import type { ServerName } from './names.ts';
import { startNodeServer } from './node-process.ts';
import type { ServerUsage } from './usage.ts';

/** How a server under test is started. */
export interface ServerOptions {
  /** That media is served on. */
  readonly address: string;
  /** Gets a CPU profile when a server of Node ends. */
  readonly profileFolder?: string | undefined;
}

/** A server under test, in a process of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly signalling: SignallingAddress;
  /** @param options.collect whether garbage is collected first where there is any, so that memory can be compared */
  usage(options?: { readonly collect?: boolean }): Promise<ServerUsage>;
}

/** @throws Error when it has not started within 30 s */
export function startServer(name: ServerName, options: ServerOptions): Promise<RunningServer> {
  return name === 'janus' ? startJanus(options) : startNodeServer(name, options);
}
