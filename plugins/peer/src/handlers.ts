import type { Awaitable, Clock, SessionRecord, StreamKey } from '@sluice/core';
import type { InputRouter } from './input-router.ts';
import type { Peer } from './peer.ts';
import type { PeerMessage, PeerSocket, Reply } from './peer-socket.ts';
import { candidatesOf } from './protocol/candidates.ts';
import { isNumber, optionalText } from './protocol/fields.ts';
import { INPUT_TYPES, type InputType } from './protocol/input.ts';
import { readCandidate, readDescription, readStatsTypes, readStreamNames, readWishes } from './protocol/messages.ts';
import type { PeerStats } from './stats/stats.ts';
import { streamRequest } from './stream-request.ts';

/** A message of a client that has said hello. */
export interface Received {
  readonly peer: Peer;
  readonly socket: PeerSocket;
  readonly message: PeerMessage;
}

/** @throws PeerError, MediaError: what the client is told */
export type Handler = (received: Received) => Awaitable<readonly Reply[]>;

/** By type of message. */
export type Handlers = ReadonlyMap<string, Handler>;

/** What {@link createHandlers} takes. */
export interface HandlerOptions {
  /** Of clients that name none. */
  readonly defaultStream: () => StreamKey | undefined;
  readonly clock: Clock;
  readonly input: InputRouter;
  readonly stats: PeerStats;
}

/** What is done for each type of message but hello. */
export function createHandlers({ defaultStream, clock, input, stats }: HandlerOptions): Handlers {
  return new Map<string, Handler>([
    ['ping', (received) => [pong(received, clock)]],
    ['request-offer', (received) => offer(received, defaultStream())],
    ['answer', takeAnswer],
    ['ice-candidate', takeCandidate],
    ['publish', (received) => publish(received, defaultStream())],
    ['get-stats', (received) => collectStats(received, stats)],
    ...INPUT_TYPES.map((type): [string, Handler] => [type, (received) => takeInput(received, type, input)]),
  ]);
}

function pong({ message: { timestamp, data } }: Received, clock: Clock): Reply {
  const { sequence } = data;
  return {
    type: 'pong',
    data: { ping_timestamp: timestamp ?? null, sequence: isNumber(sequence) || typeof sequence === 'string' ? sequence : 0, server_time: Math.floor(clock.now()) },
  };
}

async function offer({ peer, socket, message: { data } }: Received, defaultStream: StreamKey | undefined): Promise<readonly Reply[]> {
  const request = streamRequest(socket.connection, readStreamNames(data), defaultStream);
  const { sdp, record } = await peer.sessions.view(request, readWishes(data));
  return describe('offer', sdp, record);
}

async function publish({ peer, socket, message: { data } }: Received, defaultStream: StreamKey | undefined): Promise<readonly Reply[]> {
  const request = streamRequest(socket.connection, readStreamNames(data), defaultStream);
  const { sdp, record } = await peer.sessions.publish(request, readDescription(data, 'offer'));
  return describe('answer', sdp, record);
}

async function collectStats({ peer, socket, message: { data } }: Received, stats: PeerStats): Promise<readonly Reply[]> {
  return [{ type: 'stats', data: await stats.collect(readStatsTypes(data), peer, socket) }];
}

function takeInput({ peer, message }: Received, type: InputType, input: InputRouter): readonly Reply[] {
  input.take(peer, type, message);
  return [];
}

async function takeAnswer({ peer, message: { data } }: Received): Promise<readonly Reply[]> {
  await peer.sessions.answer(readDescription(data, 'answer'), optionalText(data, 'session_id'));
  return [];
}

async function takeCandidate({ peer, message: { data } }: Received): Promise<readonly Reply[]> {
  await peer.sessions.trickle(readCandidate(data));
  return [];
}

/** The description, which is complete, and then its candidates once more, for clients that only take them so. */
function describe(type: 'offer' | 'answer', sdp: string, { id, stream }: SessionRecord): readonly Reply[] {
  const candidates = candidatesOf(sdp).map((candidate): Reply => ({ type: 'ice-candidate', data: { candidate, session_id: id } }));
  return [{ type, data: { sdp: { type, sdp }, session_id: id, stream: stream ?? null } }, ...candidates];
}
