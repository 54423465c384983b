import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { PacketArena } from '../outbound/packet-arena.ts';
import { EvpCipher } from './evp-cipher.ts';
import { createNativeEnvironment } from './native-environment.ts';
import { loadNativeLibrary } from './native-functions.ts';

const library = await loadNativeLibrary();

describe.runIf(typeof library === 'object')('EvpCipher', () => {
  if (typeof library === 'string') return;
  const environment = createNativeEnvironment(library, new PacketArena({ bytes: 256 * 1024 }));
  const iv = environment.scratch.iv;

  it('frees each context once, and refuses what comes afterwards', () => {
    const free = vi.fn(library.functions.EVP_CIPHER_CTX_free);
    const counted = { ...environment, functions: { ...environment.functions, EVP_CIPHER_CTX_free: free } };
    const ciphers = Array.from({ length: 5 }, () => new EvpCipher(counted, 'gcm', 'open', randomBytes(16)));
    expect(counted.openCiphers).toBe(5);

    for (const cipher of [...ciphers, ...ciphers]) cipher.free();

    expect(free).toHaveBeenCalledTimes(5);
    expect(counted.openCiphers).toBe(0);
    const used = (): void => ciphers[0]!.start(iv);
    expect(used).toThrow(/freed/);
  });

  it('frees what it could not set up', () => {
    const failing = { ...environment, functions: { ...environment.functions, EVP_EncryptInit_ex: () => 0 } };
    expect(() => new EvpCipher(failing, 'gcm', 'seal', randomBytes(16))).toThrow(/OpenSSL/);
    expect(failing.openCiphers).toBe(0);
  });

  it('keeps no key in the arena', () => {
    const key = randomBytes(16);
    const cipher = new EvpCipher(environment, 'gcm', 'seal', key);
    expect(environment.memory.bytes.includes(key)).toBe(false);
    cipher.free();
  });
});
