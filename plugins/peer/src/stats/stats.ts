import type { PluginContext } from '@sluice/core';
import type { Peer } from '../peer.ts';
import type { PeerSocket } from '../peer-socket.ts';
import type { StatsType } from '../protocol/messages.ts';
import { engineFigures } from './network.ts';
import { SystemFigures } from './system.ts';
import { sessionFigures } from './webrtc.ts';

/** A socket whose client does not answer a ping by then has no round-trip time. */
const PROBE_TIMEOUT_MS = 2_000;

type StatsContext = Pick<PluginContext, 'clock' | 'streams' | 'sessions' | 'engine'>;

/** Gives the figures that get-stats asks for. */
export class PeerStats {
  readonly #ctx: StatsContext;
  readonly #system: SystemFigures;

  constructor(ctx: StatsContext) {
    this.#ctx = ctx;
    this.#system = new SystemFigures(ctx.clock);
  }

  /** One member per type. */
  async collect(types: readonly StatsType[], peer: Peer, socket: PeerSocket): Promise<object> {
    const figures: Record<StatsType, () => Promise<object> | object> = {
      webrtc: () => this.#webrtc(peer),
      system: () => ({ ...this.#system.read(), sessions: this.#ctx.sessions.size, streams: this.#ctx.streams.list().length }),
      network: () => this.#network(socket),
    };
    return Object.fromEntries(await Promise.all(types.map(async (type) => [type, await figures[type]()] as const)));
  }

  #webrtc({ sessions: { viewing, publishing } }: Peer): object {
    const records = [viewing, publishing].flatMap((record) => record ?? []);
    return { sessions: records.map((record) => sessionFigures(record, this.#ctx.streams)) };
  }

  async #network(socket: PeerSocket): Promise<object> {
    const { clock, engine } = this.#ctx;
    const { connection, traffic, openedAt } = socket;
    const roundTripMs = await socket.roundTrip(PROBE_TIMEOUT_MS);
    return {
      remote_address: connection.remote?.address ?? '',
      connected_ms: Math.round(clock.monotonic() - openedAt),
      round_trip_ms: roundTripMs === undefined ? null : Math.round(roundTripMs * 1_000) / 1_000,
      messages_received: traffic.messagesReceived,
      messages_sent: traffic.messagesSent,
      bytes_received: traffic.bytesReceived,
      bytes_sent: traffic.bytesSent,
      media: engineFigures(engine.stats()),
    };
  }
}
