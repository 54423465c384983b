import type { Pacing } from './pacer.ts';
import type { ProfileName } from './profiles.ts';

/** What a process of the load generator is told at its start, as JSON in its first argument. */
export interface LoadSettings {
  readonly signalling: SignallingAddress;
  /** That everything runs on. */
  readonly address: string;
  readonly profile: ProfileName;
  /** Share of the packets that viewers pretend not to have got, 0 to 1. */
  readonly loss: number;
  readonly pacing: Pacing;
}

/** Where a server is reached, and how. */
export interface SignallingAddress {
  readonly kind: 'http' | 'janus';
  readonly url: string;
}

/** Times of one peer's set-up, milliseconds. */
export interface SetUpTimes {
  readonly answerMs: number;
  readonly connectedMs: number;
}

/** What all viewers of a process have seen so far. */
export interface LoadCounts {
  readonly received: number;
  readonly ignored: number;
  readonly retransmitted: number;
  readonly undecipherable: number;
  readonly withFeedback: number;
  /** Of the process. */
  readonly cpuMicros: number;
}

/** What a process of the load generator does, by name. */
export interface LoadCommands {
  connectPublishers(streams: readonly string[]): Promise<void>;
  connectViewers(request: { readonly stream: string; readonly count: number; readonly atOnce: number }): Promise<readonly SetUpTimes[]>;
  /** Asks to play and stays away. @returns milliseconds until the server's description was there, of each */
  ask(request: { readonly stream: string; readonly count: number; readonly atOnce: number }): Promise<readonly number[]>;
  /** @returns packets sent by each publisher */
  publish(request: { readonly packetsPerSecond: number; readonly seconds: number }): Promise<readonly number[]>;
  count(): Promise<LoadCounts>;
  /** Viewers end their sessions, and publishers. */
  leave(): Promise<void>;
}

/** A request to a process. */
export type LoadRequest = {
  readonly [C in keyof LoadCommands]: { readonly id: number; readonly command: C; readonly argument: Parameters<LoadCommands[C]>[0] };
}[keyof LoadCommands];

/** Its reply; with an error it has failed. */
export interface LoadReply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
