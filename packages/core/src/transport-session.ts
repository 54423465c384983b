import type { Undo } from './clock.ts';
import { MediaError } from './errors.ts';
import type { IceFragment, MediaCapabilities, RtcTransport, TransportStats } from './media.ts';
import type { WebRtcSession } from './session.ts';

/** What {@link createTransportSession} takes. */
export interface TransportSessionOptions {
  readonly transport: RtcTransport;
  readonly capabilities: MediaCapabilities;
  /** Runs when the answer is made, before the client has it; tracks are known here. */
  onAnswered?(): void;
}

/** The session of a plugin that answers with one transport; closes when the transport does. */
export function createTransportSession(options: TransportSessionOptions): WebRtcSession {
  const { transport, capabilities } = options;
  let closedReason: string | undefined;
  const listeners = new Set<(reason: string) => void>();

  transport.onState((state, reason) => {
    if (state !== 'closed' || closedReason !== undefined) return;
    closedReason = reason ?? 'transport closed';
    for (const listener of listeners) listener(closedReason);
    listeners.clear();
  });

  return {
    get closed() {
      return closedReason !== undefined;
    },
    async createAnswer(offer: string): Promise<string> {
      const answer = await transport.answer(offer, capabilities);
      options.onAnswered?.();
      return answer;
    },
    trickle(fragment: IceFragment): void {
      refuseIceRestart(transport, fragment);
      for (const candidate of fragment.candidates) transport.addRemoteCandidate(candidate);
    },
    stats(): TransportStats {
      return transport.stats();
    },
    onClosed(listener): Undo {
      if (closedReason !== undefined) {
        listener(closedReason);
        return () => undefined;
      }
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: (reason) => transport.close(reason),
  };
}

/** A new username fragment asks for an ICE restart (RFC 8840 section 4.4); the session stays as it is. */
function refuseIceRestart(transport: RtcTransport, fragment: IceFragment): void {
  const current = transport.remoteUsernameFragment;
  if (fragment.usernameFragment === undefined || fragment.usernameFragment === current) return;
  throw new MediaError('ICE_RESTART_UNSUPPORTED', 'An ICE restart is not supported; make a new session instead.');
}
