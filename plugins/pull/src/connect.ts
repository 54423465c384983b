import { type SignallingSession, SignallingError, openSession } from '@sluice/client';
import { type Clock, type CodecChoice, type MediaCapabilities, MediaError, type PathSettings, type RtcEngine, type RtcTransport, type WhepSource, receiveCapabilities } from '@sluice/core';
import type { HttpClient } from './http-client.ts';
import type { PullSettings } from './options.ts';
import { withPublicCandidates } from './public-candidates.ts';

/** What an attempt needs. */
export interface ConnectOptions {
  readonly engine: RtcEngine;
  readonly clock: Clock;
  /** Made for each session anew. */
  readonly openClient: () => HttpClient;
  readonly settings: PullSettings;
  readonly source: WhepSource;
  /** Of the stream here. */
  readonly path: Pick<PathSettings, 'codecs' | 'keyframeCacheBytes'>;
  /** Stands in log lines. */
  readonly label: string;
  readonly signal: AbortSignal;
}

/** A stream that comes in. */
export interface Connection {
  readonly transport: RtcTransport;
  /** Ends it here and at the server. */
  close(reason: string): Promise<void>;
}

/** Not every server takes an offer of kinds that the stream does not have (406 Not Acceptable, 422). */
const OFFERS: readonly (readonly ('audio' | 'video')[])[] = [['audio', 'video'], ['video'], ['audio']];

/**
 * Plays a stream of another server: offers, waits until media can flow.
 * @throws SignallingError, MediaError; whatever was begun is ended by then
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  for (const [index, kinds] of OFFERS.entries()) {
    try {
      return await connectOnce(options, kinds);
    } catch (error) {
      const isLast = index === OFFERS.length - 1;
      const wantsOtherKinds = error instanceof SignallingError && (error.status === 406 || error.status === 422);
      if (isLast || !wantsOtherKinds) throw error;
    }
  }
  throw new MediaError('INTERNAL', 'Nothing was offered.');
}

async function connectOnce(options: ConnectOptions, kinds: readonly ('audio' | 'video')[]): Promise<Connection> {
  const { engine, settings, source, path, openClient, label, signal } = options;
  const transport = engine.createTransport({ label, ice: 'full', keyframeCacheBytes: path.keyframeCacheBytes });
  const http = openClient();
  let session: SignallingSession | undefined;
  const close = async (reason: string): Promise<void> => {
    await Promise.allSettled([transport.close(reason), session?.close()]);
    await http.close();
  };
  try {
    const offer = await transport.offer(capabilitiesOf(kinds, path.codecs));
    const { requestTimeoutMs: timeoutMs, maxRedirects } = settings;
    session = await openSession(offer, { endpoint: source.whep, token: source.token, timeoutMs, maxRedirects, signal, fetch: http.fetch });
    await transport.accept(settings.privateAddresses ? session.answer : withPublicCandidates(session.answer));
    if (transport.inbound.length === 0) throw new MediaError('SOURCE_FAILED', 'The server sends neither audio nor video that can be taken');
    await connected(transport, options);
    return { transport, close };
  } catch (error) {
    await close('the pull failed');
    throw error;
  }
}

function capabilitiesOf(kinds: readonly ('audio' | 'video')[], codecs: CodecChoice | undefined): MediaCapabilities {
  const all = receiveCapabilities({ codecs });
  return { audio: kinds.includes('audio') ? all.audio : undefined, video: kinds.includes('video') ? all.video : undefined };
}

function connected(transport: RtcTransport, { clock, settings, signal }: ConnectOptions): Promise<void> {
  const { connectTimeoutMs } = settings;
  return new Promise((resolve, reject) => {
    const fail = (message: string): void => settle(() => reject(new MediaError('SOURCE_FAILED', message)));
    const onAbort = (): void => fail('it was given up');
    const undos = [
      clock.setTimeout(() => fail(`no media connection came about within ${connectTimeoutMs} ms`), connectTimeoutMs),
      transport.onState((state, reason) => {
        if (state === 'connected') settle(resolve);
        if (state === 'closed') fail(reason ?? 'the connection was closed');
      }),
      () => signal.removeEventListener('abort', onAbort),
    ];
    const settle = (done: () => void): void => {
      for (const undo of undos) undo();
      done();
    };
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else if (transport.state === 'connected') settle(resolve);
  });
}
