import type { EngineStats } from '../diagnosis.ts';
import { MediaError } from '../errors.ts';
import type { LocalTrackOptions, RtcEngine, TransportOptions } from '../media.ts';
import { FakeTrack } from './fake-track.ts';
import { FakeTransport } from './fake-transport.ts';

/** A media engine without network; tests drive its transports. */
export class FakeEngine implements RtcEngine {
  readonly port = 8000;
  readonly addresses = ['127.0.0.1'];
  readonly localCandidates = [{ protocol: 'udp', address: '127.0.0.1', port: 8000, type: 'host' }];
  /** Every transport ever made, oldest first. */
  readonly transports: FakeTransport[] = [];
  /** Every local track ever made, oldest first. */
  readonly tracks: FakeTrack[] = [];
  closed = false;
  /** When set, transports made from now on refuse every offer with it. */
  answerError: Error | undefined;

  /** Transports that are not closed. */
  get transportCount(): number {
    return this.transports.filter((transport) => transport.state !== 'closed').length;
  }

  /** The transport made last. */
  get lastTransport(): FakeTransport {
    const last = this.transports.at(-1);
    if (last) return last;
    throw new Error('No transport has been made yet.');
  }

  stats(): EngineStats {
    return {
      tier: 'portable',
      transports: this.transportCount,
      packetsReceived: 0,
      packetsSent: 0,
      delivered: 0,
      dropped: {},
      refusalsSent: 0,
      media: {
        received: { packets: 0, bytes: 0, lost: 0, retransmitted: 0, nacks: 0, plis: 0, firs: 0, dropped: {} },
        sent: { packets: 0, bytes: 0, retransmitted: 0, nacks: 0, plis: 0, firs: 0, dropped: {} },
        transport: { bytesReceived: 0, bytesSent: 0, dropped: {} },
      },
      forwardTimes: { buckets: [], sum: 0, count: 0 },
      workers: 0,
      workerCrashes: 0,
    };
  }

  createTransport(options: TransportOptions = {}): FakeTransport {
    if (this.closed) throw new MediaError('ENGINE_CLOSED', 'The media engine is closed.');
    const transport = new FakeTransport(`transport-${this.transports.length + 1}`, options);
    transport.answerError = this.answerError;
    this.transports.push(transport);
    return transport;
  }

  createTrack({ kind, codec }: LocalTrackOptions): FakeTrack {
    const track = new FakeTrack(`local-${kind}-${this.tracks.length + 1}`, kind, codec);
    this.tracks.push(track);
    return track;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const transport of this.transports) transport.setState('closed', 'engine closed');
  }
}

/** An engine for tests of plugins. */
export function fakeEngine(): FakeEngine {
  return new FakeEngine();
}
