import { LoopbackPeer } from '@sluice/testing';

/** Start of a VP8 keyframe of 640×360 (RFC 7741 section 4, RFC 6386 section 9.1). */
const KEYFRAME = Buffer.from('10000000009d012a80026801', 'hex');
const INTERFRAME = Buffer.from('1001000000', 'hex');
const OPUS = Buffer.from('fc0000', 'hex');

const INTERVAL_MS = 20;
/** One picture in so many is a keyframe. */
const KEYFRAME_EVERY = 10;

/** A peer whose session a server has accepted; disposing it hangs up. */
export interface ConnectedPeer extends AsyncDisposable {
  readonly peer: LoopbackPeer;
  /** URL of the session. */
  readonly session: string;
}

/**
 * Publishes VP8 and opus, 50 packets of each per second.
 * @param endpoint a WHIP endpoint
 * @throws Error with status and text of a refusal
 */
export async function publish(endpoint: string): Promise<ConnectedPeer> {
  const publisher = await connect(endpoint, 'sendonly');
  const { peer } = publisher;
  let count = 0;
  const timer = setInterval(() => {
    if (peer.state !== 'connected') return;
    const payload = count % KEYFRAME_EVERY === 0 ? KEYFRAME : INTERFRAME;
    peer.send('video', { payload, timestamp: count * 90 * INTERVAL_MS });
    peer.send('audio', { payload: OPUS, timestamp: count * 48 * INTERVAL_MS });
    count += 1;
  }, INTERVAL_MS);
  return {
    ...publisher,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await peer.close();
    },
  };
}

/**
 * Plays a stream; what comes is in `peer.received`.
 * @param endpoint a WHEP endpoint
 * @throws Error with status and text of a refusal
 */
export function play(endpoint: string): Promise<ConnectedPeer> {
  return connect(endpoint, 'recvonly');
}

async function connect(endpoint: string, direction: 'sendonly' | 'recvonly'): Promise<ConnectedPeer> {
  const peer = new LoopbackPeer({ direction });
  try {
    const session = await peer.connect(endpoint);
    return { peer, session, [Symbol.asyncDispose]: () => peer.close() };
  } catch (error) {
    await peer.close();
    throw error;
  }
}
