import type { Awaitable, Clock, SessionRecord, StreamKey } from '@sluice/core';
import type { Peer } from './peer.ts';
import type { PeerHubOptions } from './peer-hub.ts';
import type { PeerMessage, PeerSocket, Reply } from './peer-socket.ts';
import { candidatesOf } from './protocol/candidates.ts';
import { readCandidate, readDescription, readStreamNames, readWishes } from './protocol/messages.ts';
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

/** What is done for each type of message but hello. */
export function createHandlers({ settings: { defaultStream }, ctx: { clock } }: PeerHubOptions): Handlers {
  return new Map<string, Handler>([
    ['ping', (received) => [pong(received, clock)]],
    ['request-offer', (received) => offer(received, defaultStream)],
    ['answer', takeAnswer],
    ['ice-candidate', takeCandidate],
    ['publish', (received) => publish(received, defaultStream)],
  ]);
}

function pong({ message: { timestamp, data } }: Received, clock: Clock): Reply {
  const { sequence } = data;
  return {
    type: 'pong',
    data: { ping_timestamp: timestamp ?? null, sequence: typeof sequence === 'number' || typeof sequence === 'string' ? sequence : 0, server_time: Math.floor(clock.now()) },
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

async function takeAnswer({ peer, message: { data } }: Received): Promise<readonly Reply[]> {
  await peer.sessions.answer(readDescription(data, 'answer'));
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
