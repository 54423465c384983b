import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { PacketArena } from '../packet-arena.ts';
import { SLOT_BYTES } from '../packet-batch.ts';
import { createRingMemory } from './shared-ring.ts';
import { WorkerOutbound } from './worker-outbound.ts';

it('opens nothing more for a worker that does not read, and closes what is open all the same', () => {
  const arena = new PacketArena({ bytes: 1024 * 1024 });
  const outbound = new WorkerOutbound(arena, createRingMemory(4096), arena.allocate(SLOT_BYTES));
  const opened: { close(): void }[] = [];
  const open = () => opened.push(outbound.createContext('AEAD_AES_128_GCM', randomBytes(16), randomBytes(12)));
  expect(() => {
    for (let count = 0; count < 10_000; count++) open();
  }).toThrow('takes no orders');
  expect(() => outbound.destinationOf({ address: '127.0.0.1', port: 1 })).toThrow('takes no orders');
  for (const context of opened) context.close();
});
