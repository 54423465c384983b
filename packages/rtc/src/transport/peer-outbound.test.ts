import { MediaError } from '@sluice/core';
import { expect, it } from 'vitest';
import type { Outbounds } from '../outbound/outbounds.ts';
import { PeerOutbound } from './peer-outbound.ts';

const ADDRESS = { address: '192.0.2.1', port: 5000 };
const KEYS = { profile: 'AEAD_AES_128_GCM', localKey: Buffer.alloc(16), localSalt: Buffer.alloc(12), remoteKey: Buffer.alloc(16), remoteSalt: Buffer.alloc(12) } as const;

it.each(['createContext', 'destinationOf'])('keeps nothing of a way that it could not make: %s fails', (failing) => {
  let open = 0;
  const make = (name: string) => () => {
    if (name === failing) throw new MediaError('INTERNAL', 'There are too many.');
    open++;
    return { id: 1, tagBytes: 16, close: () => void open-- };
  };
  const outbound = { createContext: make('createContext'), destinationOf: make('destinationOf') };
  const outbounds = { arena: { bytes: Buffer.alloc(0) }, join: () => outbound, leave: () => undefined } as unknown as Outbounds;
  const peer = new PeerOutbound({ outbounds, sendAddress: () => ADDRESS, onSent: () => undefined, onNotSent: () => undefined, onFailed: () => undefined });
  peer.start({ profile: 'AEAD_AES_128_GCM' } as never, KEYS as never);
  expect(() => peer.reserve()).toThrow(MediaError);
  peer.close();
  expect(open).toBe(0);
});
