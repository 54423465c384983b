import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PacketArena } from '../../outbound/packet-arena.ts';
import { createSrtpKernel } from './portable-kernel.ts';

const FOLDER = new URL('../../../kernel/', import.meta.url);

describe('the kernel', () => {
  it('is what its source compiles to', { timeout: 60_000 }, async () => {
    const build: { compileKernel(): Promise<Uint8Array> } = await import(new URL('build.mjs', FOLDER).href);
    const compiled = await build.compileKernel();
    expect(readFileSync(new URL('srtp.wasm', FOLDER)).equals(compiled), 'Run pnpm --filter @sluice/rtc build:kernel').toBe(true);
  });

  it('keeps to the part of the arena that is reserved for it', () => {
    const arena = new PacketArena({ bytes: 1024 * 1024 });
    expect(createSrtpKernel(arena).RESERVED_END).toBeLessThanOrEqual(arena.allocate(1));
  });
});
