import { type Clock, type JsonMessage, type Logger, type WebSocketConnection, bringsToken, isPrintable, parseJsonMessage, withSender } from '@sluice/core';
import { Budget } from './budget.ts';
import { Client } from './client.ts';
import { SignalingCounters } from './counters.ts';
import type { History } from './history/history.ts';
import { Refusal } from './refusal.ts';
import { type Registration, type RegistrationLimits, HISTORY_ID, readRegistration } from './registration.ts';
import { type Party, Room, arePaired } from './room.ts';
import { isIdList } from './subscription.ts';

/** What only the server says; from a client it would deceive the other side. */
const SERVER_TYPES: ReadonlySet<unknown> = new Set([
  'registered', 'error', 'subscribed', 'producer_list', 'producer_connected', 'producer_disconnected', 'consumer_connected', 'consumer_disconnected', 'history', 'history_systems',
]);

/** What of the options it needs. */
export interface SignalingSettings extends RegistrationLimits {
  readonly token: string | undefined;
  readonly registerTimeoutMs: number;
  readonly probeTimeoutMs: number;
  readonly maxProducers: number;
  readonly maxRoomRequestsPerSecond: number;
}

/** What {@link Signaling} takes. */
export interface SignalingOptions {
  readonly settings: SignalingSettings;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Undefined when none is kept. */
  readonly history: Pick<History, 'answer' | 'recorder'> | undefined;
}

/** Somebody who is registered, and what was received. */
interface Received {
  readonly client: Client;
  readonly party: Party;
  readonly room: Room;
  readonly message: JsonMessage;
  readonly text: string;
}

/** Brings log producers and consumers together: who is there, and their offers, answers and candidates. */
export class Signaling {
  readonly counters = new SignalingCounters();
  readonly #options: SignalingOptions;
  #settings: SignalingSettings;
  readonly #open = new Set<Client>();
  readonly #rooms = new Map<string, Room>();
  readonly #clients = new Map<Party, Client>();

  constructor(options: SignalingOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  /** Clients that are registered stay so. */
  configure(settings: SignalingSettings): void {
    this.#settings = settings;
  }

  get rooms(): ReadonlyMap<string, Room> {
    return this.#rooms;
  }

  open(connection: WebSocketConnection): void {
    const { registerTimeoutMs, maxRoomRequestsPerSecond } = this.#settings;
    const { clock } = this.#options;
    const cancelTimeout = clock.setTimeout(() => connection.close(1008, `Register within ${registerTimeoutMs} ms.`), registerTimeoutMs);
    const client = new Client({ connection, counters: this.counters, roomRequests: new Budget(maxRoomRequestsPerSecond, clock.monotonic()), cancelTimeout });
    this.#open.add(client);
    connection.onMessage((text) => this.#receive(client, text));
    connection.onClose(() => this.#closed(client));
  }

  countRefused(): void {
    this.counters.refused += 1;
  }

  close(): void {
    for (const { connection } of this.#open) connection.close(1001, 'The server is stopping.');
  }

  #receive(client: Client, text: string): void {
    const message = parseJsonMessage(text);
    if (!message) return client.refuse(new Refusal('bad_message', 'Send one JSON object per message.'));
    if (message['type'] === 'register') return this.#register(client, message);
    if (!client.seat) return client.refuse(new Refusal('not_registered', 'Send {"type":"register","role":"…","client_id":"…"} first, and wait for "registered".'));
    const refusal = this.#handle({ client, ...client.seat, message, text });
    if (refusal) client.refuse(refusal);
  }

  #handle(received: Received): Refusal | undefined {
    switch (received.message['type']) {
      case 'subscribe':
      case 'unsubscribe':
        return this.#subscribe(received);
      case 'list_producers':
        return this.#list(received);
      case 'history_request':
        return this.#answerFromHistory(received);
      default:
        return this.#relay(received);
    }
  }

  #register(client: Client, message: JsonMessage): void {
    if (!bringsToken(client.connection, this.#settings.token, message['token'])) {
      client.refuse(new Refusal('token_incorrect', 'Bring the token of the logs as "token" of the register message, as ?token= or as Authorization: Bearer.'));
      return client.connection.close(1008, 'The token is missing or wrong.');
    }
    const registration = readRegistration(message, this.#settings);
    if (registration instanceof Refusal) return client.refuse(registration);
    if (client.seat) return this.#registerAgain(client, client.seat.party, registration);
    if (client.isProbing) return client.refuse(new Refusal('already_registered', 'This connection is about to be registered; wait for the answer.'));
    const holder = this.#rooms.get(registration.room)?.find(registration.id);
    const holding = holder && this.#clients.get(holder);
    if (holding) return void this.#takeOver(client, { registration, holding });
    this.#enter(client, registration);
  }

  /** What was said before is answered again, and changes nothing. */
  #registerAgain(client: Client, party: Party, again: Registration): void {
    const { id, role, room } = party;
    if (again.id === id && again.role === role && again.room === room) return client.tell(registered(party));
    client.refuse(new Refusal('already_registered', `This connection is registered as ${role} ${id} in the room ${room}; open another one for anything else.`));
  }

  /** The one who has the id keeps it as long as it answers. */
  async #takeOver(client: Client, { registration, holding }: { registration: Registration; holding: Client }): Promise<void> {
    client.isProbing = true;
    const isAlive = await holding.connection.probe(this.#settings.probeTimeoutMs);
    client.isProbing = false;
    if (client.isClosed) return;
    const { id, room } = registration;
    const current = this.#rooms.get(room)?.find(id);
    // Meanwhile the holder may have gone, and another may have come before.
    if (current && (isAlive || current !== holding.seat?.party)) {
      return client.refuse(new Refusal('duplicate_client_id', `${id} is registered by another client, which is alive; choose another client_id.`));
    }
    holding.connection.close(1008, 'Another client took over this id, because this one did not answer.');
    this.#leave(holding);
    this.#enter(client, registration);
  }

  #enter(client: Client, registration: Registration): void {
    const { id, role, room: name } = registration;
    const { maxProducers } = this.#settings;
    const room = this.#rooms.get(name) ?? new Room();
    if (role === 'producer' && room.producers.size >= maxProducers) {
      return client.refuse(new Refusal('room_full', `The room ${name} has ${maxProducers} producers already (maxProducers); come again later, or take another room.`));
    }
    client.cancelTimeout();
    const party: Party = { ...registration, tell: (message) => client.tell(message) };
    client.seat = { party, room };
    this.#clients.set(party, client);
    this.#rooms.set(name, room);
    this.#options.logger.info({ clientId: id, role, room: name }, `Log ${role} registered: ${id}`);
    client.tell(registered(registration));
    room.add(party);
    if (role === 'producer') this.#options.history?.recorder.welcome(party);
  }

  #list({ client, room }: Received): Refusal | undefined {
    const tooOften = this.#allowRoomRequest(client);
    if (!tooOften) client.tell(room.producerList());
    return tooOften;
  }

  #subscribe({ client, party, room, message }: Received): Refusal | undefined {
    const { type, producers } = message;
    if (party.role !== 'consumer') return new Refusal('bad_subscription', 'Only consumers subscribe.');
    if (producers !== undefined && !isIdList(producers)) return new Refusal('bad_subscription', 'producers must be a list of ids of producers; leave it out for all.');
    const tooOften = this.#allowRoomRequest(client);
    if (tooOften) return tooOften;
    const isDone = room.resubscribe(party, () => change(party, type === 'subscribe', producers));
    if (!isDone) return new Refusal('bad_subscription', `Name at most ${party.subscription.maxIds} producers (maxSubscriptions).`);
    client.tell({ type: 'subscribed', ...party.subscription.toJSON() });
    return undefined;
  }

  /** One message of a client may be hundreds to others. */
  #allowRoomRequest({ roomRequests }: Client): Refusal | undefined {
    if (!roomRequests.hasSome(this.#options.clock.monotonic())) return new Refusal('too_often', 'Ask for the list and change subscriptions less often (maxRoomRequestsPerSecond); name many producers in one message.');
    roomRequests.spend(1);
    return undefined;
  }

  #relay(received: Received): Refusal | undefined {
    const { party, room, message, text } = received;
    const { type, to } = message;
    if (!isPrintable(type) || SERVER_TYPES.has(type)) return new Refusal('unknown_type', 'Messages of this type are not for clients to send.');
    if (to === undefined || to === null) return new Refusal('bad_target', 'Say in "to" who shall get this message.');
    if (to === HISTORY_ID && this.#options.history) return this.#signalHistory(this.#options.history, received);
    const other = typeof to === 'string' ? room.find(to) : undefined;
    const target = other && this.#clients.get(other);
    if (!target) return new Refusal('unknown_target', 'Nobody is registered with the id that "to" names.', typeof to === 'string' ? { to } : {});
    if (!arePaired(party, other)) return new Refusal('not_paired', 'Messages go between a producer and a consumer that has subscribed to it.', { to });
    if (!target.hand(withSender(text, party.id))) return new Refusal('target_busy', 'The target does not read fast enough; this message was dropped.', { to });
    this.#options.logger.debug(`Message sent to ${other.id}: ${type}`);
    return undefined;
  }

  #signalHistory({ recorder }: Pick<History, 'recorder'>, { client, party, message }: Received): Refusal | undefined {
    if (party.role !== 'producer') return new Refusal('not_paired', 'Only producers connect to the history; ask for its entries with "history_request".', { to: HISTORY_ID });
    void recorder.receive(party, message).then((refusal) => refusal && client.refuse(refusal));
    return undefined;
  }

  #answerFromHistory({ client, party, message }: Received): Refusal | undefined {
    const { history } = this.#options;
    if (!history) return new Refusal('history_unavailable', 'No history is kept here (logs.history.enabled).');
    if (party.role !== 'consumer') return new Refusal('bad_history_request', 'Only consumers ask for the history.');
    const answer = history.answer(party, message);
    if (answer instanceof Refusal) return answer;
    if (client.connection.send(answer)) return undefined;
    this.counters.dropped += 1;
    return new Refusal('target_busy', 'You do not read fast enough; ask for this page again when you have read what you were sent.');
  }

  #closed(client: Client): void {
    client.isClosed = true;
    client.cancelTimeout();
    this.#open.delete(client);
    this.#leave(client);
  }

  #leave(client: Client): void {
    if (!client.seat) return;
    const { party, room } = client.seat;
    client.seat = undefined;
    this.#clients.delete(party);
    room.remove(party);
    if (room.isEmpty) this.#rooms.delete(party.room);
    this.#options.logger.info({ clientId: party.id, role: party.role, room: party.room }, `Log ${party.role} unregistered: ${party.id}`);
  }
}

function registered({ role, id, room, systemName, subscription }: Registration): JsonMessage {
  const own = role === 'producer' ? { system_name: systemName } : subscription.toJSON();
  return { type: 'registered', role, client_id: id, room, ...own };
}

function change({ subscription }: Party, isWanted: boolean, producers: readonly string[] | undefined): boolean {
  if (producers) return isWanted ? subscription.add(producers) : subscription.remove(producers);
  if (isWanted) subscription.addAll();
  else subscription.removeAll();
  return true;
}
