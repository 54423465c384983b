import type { Undo } from './clock.ts';
import type { TransportDiagnosis } from './diagnosis.ts';
import type { IceFragment, IceGeneration, MediaCapabilities, RtcTransport, TransportStats } from './media.ts';
import type { WebRtcSession } from './session.ts';

/** What {@link createTransportSession} takes. */
export interface TransportSessionOptions {
  readonly transport: RtcTransport;
  readonly capabilities: MediaCapabilities;
  /** Runs when the answer is made, before the client has it, or when the client's answer is taken; tracks are known here. */
  onAnswered?(): void;
}

/** The session of a plugin with one transport, which answers or offers; closes when the transport does. */
export function createTransportSession(options: TransportSessionOptions): WebRtcSession {
  const { transport, capabilities } = options;
  let closedReason: string | undefined;
  const listeners = new Set<(reason: string) => void>();

  transport.onState((state, reason) => {
    if (state !== 'closed' || closedReason !== undefined) return;
    closedReason = reason ?? 'transport closed';
    tellAll(listeners, closedReason);
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
    createOffer: () => transport.offer(capabilities),
    async acceptAnswer(answer: string): Promise<void> {
      await transport.accept(answer);
      options.onAnswered?.();
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
    diagnosis(): TransportDiagnosis {
      return transport.diagnosis();
    },
    onState: (listener) => transport.onState((state) => listener(state)),
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

/** One that throws keeps no other from hearing it; what it threw goes to the transport, which logs it. */
function tellAll(listeners: Set<(reason: string) => void>, reason: string): void {
  const failures: unknown[] = [];
  for (const listener of listeners) {
    try {
      listener(reason);
    } catch (error) {
      failures.push(error);
    }
  }
  listeners.clear();
  if (failures.length > 0) throw new AggregateError(failures, 'A listener failed that was told of the end of a session.');
}
