import type { JsonMessage } from '@sluice/core';
import type { Registration } from './registration.ts';

/** Someone who is registered. */
export interface Party extends Registration {
  /** Sends it one message of ours. */
  tell(message: JsonMessage): void;
}

/** Whether one of them is a producer that the other, a consumer, wants. */
export function arePaired(a: Party, b: Party): boolean {
  if (a.role === b.role) return false;
  const [producer, consumer] = a.role === 'producer' ? [a, b] : [b, a];
  return consumer.subscription.has(producer.id);
}

/** Producers and consumers that see each other. */
export class Room {
  readonly #parties = new Map<string, Party>();
  readonly #producers = new Set<Party>();
  readonly #consumers = new Set<Party>();

  get isEmpty(): boolean {
    return this.#parties.size === 0;
  }

  get producers(): ReadonlySet<Party> {
    return this.#producers;
  }

  get consumers(): ReadonlySet<Party> {
    return this.#consumers;
  }

  find(id: string): Party | undefined {
    return this.#parties.get(id);
  }

  /** Takes someone in whose id is free, and tells those whom it concerns. */
  add(party: Party): void {
    this.#parties.set(party.id, party);
    if (party.role === 'producer') this.#addProducer(party);
    else this.#addConsumer(party);
  }

  remove(party: Party): void {
    if (this.#parties.get(party.id) !== party) return;
    this.#parties.delete(party.id);
    this.#producers.delete(party);
    this.#consumers.delete(party);
    if (party.role === 'producer') for (const consumer of this.#consumers) consumer.tell({ type: 'producer_disconnected', producer_id: party.id });
    else for (const producer of this.#wantedBy(party)) producer.tell({ type: 'consumer_disconnected', consumer_id: party.id });
  }

  /** Changes what a consumer has subscribed to, and tells the producers that it wants now, or no longer. */
  resubscribe(consumer: Party, change: () => boolean): boolean {
    const before = this.#wantedBy(consumer);
    if (!change()) return false;
    const after = this.#wantedBy(consumer);
    for (const producer of before) if (!after.has(producer)) producer.tell({ type: 'consumer_disconnected', consumer_id: consumer.id });
    for (const producer of after) if (!before.has(producer)) producer.tell({ type: 'consumer_connected', consumer_id: consumer.id });
    return true;
  }

  /** What consumers are told of the producers. */
  producerList(): JsonMessage {
    return { type: 'producer_list', producers: Array.from(this.#producers, describe) };
  }

  #addProducer(producer: Party): void {
    this.#producers.add(producer);
    for (const consumer of this.#consumers) {
      consumer.tell({ type: 'producer_connected', ...describe(producer) });
      if (arePaired(producer, consumer)) producer.tell({ type: 'consumer_connected', consumer_id: consumer.id });
    }
  }

  #addConsumer(consumer: Party): void {
    this.#consumers.add(consumer);
    consumer.tell(this.producerList());
    for (const producer of this.#wantedBy(consumer)) producer.tell({ type: 'consumer_connected', consumer_id: consumer.id });
  }

  #wantedBy(consumer: Party): Set<Party> {
    return new Set(Array.from(this.#producers).filter((producer) => arePaired(producer, consumer)));
  }
}

function describe({ id, systemName, metadata }: Party): JsonMessage {
  return { producer_id: id, system_name: systemName, metadata };
}
