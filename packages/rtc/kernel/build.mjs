import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import { sha1Source } from './sha1-rounds.mjs';

const folder = import.meta.dirname;
/** A module that has no file, because it is written by sha1-rounds.mjs. */
const GENERATED = { 'assembly/sha1.ts': sha1Source };

const OPTIONS = [
  'assembly/index.ts',
  '--outFile=srtp.wasm',
  '-O3',
  '--noAssert',
  '--runtime=stub',
  '--importMemory',
  '--zeroFilledMemory',
  '--enable=simd',
];

/**
 * Compiles the kernel.
 * @returns {Promise<Uint8Array>} the binary
 */
export async function compileKernel() {
  /** @type {Uint8Array | undefined} */
  let binary;
  let messages = '';
  const { error } = await asc.main(OPTIONS, {
    readFile: async (name) => GENERATED[name]?.() ?? (await readFile(path.join(folder, name), 'utf8').catch(() => null)),
    // In place of what asc would write.
    writeFile: (_name, contents) => {
      binary = contents;
    },
    listFiles: () => [],
    stderr: {
      write: (chunk) => {
        messages += String(chunk);
      },
    },
  });
  if (error || !binary) throw new Error(`The kernel does not compile:\n${messages}`, { cause: error });
  return binary;
}

if (import.meta.main) {
  const binary = await compileKernel();
  await writeFile(path.join(folder, 'srtp.wasm'), binary);
  console.log(`${binary.length} bytes`);
}
