import type { Undo } from './clock.ts';
import type { IceFragment, IceGeneration, MediaCapabilities, RtcTransport, TransportStats } from './media.ts';
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
      for (const candidate of fragment.candidates) transport.addRemoteCandidate(candidate);
    },
    get remoteUsernameFragment() {
      return transport.remoteUsernameFragment;
    },
    restartIce(remote: IceGeneration): IceGeneration {
      return transport.restartIce(remote);
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
