import { SignallingError, openSession } from '@sluice/client';
import { type MediaCapabilities, MediaError, type RtcEngine, type RtcTransport, silentLogger } from '@sluice/core';
import { createRtcEngine } from '@sluice/rtc';

/** A server may wait for the stream to appear before it answers, by default 15 seconds. */
const ANSWER_TIMEOUT_MS = 30_000;
/** How long media may take to flow, milliseconds. */
const CONNECT_TIMEOUT_MS = 15_000;

/** What {@link openPeer} takes. */
export interface PeerOptions {
  /** WHIP or WHEP endpoint. */
  readonly url: string;
  readonly token: string | undefined;
  readonly capabilities: MediaCapabilities;
  readonly signal: AbortSignal;
  /** Runs before the offer is made, for a peer that sends. */
  prepare?(engine: RtcEngine, transport: RtcTransport): void;
}

/** A connection to a WHIP or WHEP server, made from the command line. */
export interface Peer extends AsyncDisposable {
  readonly transport: RtcTransport;
  /** Milliseconds from the request until media could flow. */
  readonly connectedInMs: number;
  /** Resolves with the reason when it ends, whoever ends it. */
  readonly ended: Promise<string>;
}

/** @throws MediaError SOURCE_FAILED */
export async function openPeer(options: PeerOptions): Promise<Peer> {
  const startedAt = performance.now();
  const engine = await createRtcEngine({ port: 0, tcp: false, workers: 0, connectTimeoutMs: CONNECT_TIMEOUT_MS, logger: silentLogger });
  try {
    const transport = engine.createTransport({ ice: 'full' });
    const ended = new Promise<string>((resolve) => {
      transport.onState((state, reason = 'closed') => state === 'closed' && resolve(reason));
    });
    options.prepare?.(engine, transport);
    const offer = await transport.offer(options.capabilities);
    const session = await openSession(offer, { endpoint: options.url, token: options.token, signal: options.signal, timeoutMs: ANSWER_TIMEOUT_MS });
    const close = async (): Promise<void> => {
      await Promise.allSettled([session.close(), transport.close('the command ended')]);
      await engine.close();
    };
    try {
      await transport.accept(session.answer);
      await connected(transport, ended, options.signal);
      return { transport, ended, connectedInMs: performance.now() - startedAt, [Symbol.asyncDispose]: close };
    } catch (error) {
      await session.close().catch(() => undefined);
      throw error;
    }
  } catch (error) {
    await engine.close();
    if (error instanceof SignallingError) throw new MediaError('SOURCE_FAILED', `${options.url}: ${error.message}`, { cause: error });
    throw error;
  }
}

function connected(transport: RtcTransport, ended: Promise<string>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (transport.state === 'connected') resolve();
    transport.onState((state) => state === 'connected' && resolve());
    void ended.then((reason) => reject(new MediaError('SOURCE_FAILED', `No media connection came about: ${reason}`)));
    signal.addEventListener('abort', () => reject(new MediaError('REQUEST_ABORTED', 'Given up before media could flow.')));
  });
}
