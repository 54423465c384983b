import { endianness } from 'node:os';

declare const addressBrand: unique symbol;

/** Where something stands in the memory of the process. Only {@link NativeMemory} makes them, and OpenSSL for what it owns. */
export type NativeAddress = number & { readonly [addressBrand]: never };

/** C types of arguments and results; an address travels as a number, which costs no allocation. */
type CType = 'uintptr_t' | 'int' | 'uint32_t' | 'size_t' | 'void';

/** What is called, with its result and arguments, of OpenSSL as Node brings it along, and of the C library. */
const SIGNATURES = {
  EVP_CIPHER_CTX_new: ['uintptr_t', []],
  EVP_CIPHER_CTX_free: ['void', ['uintptr_t']],
  EVP_aes_128_gcm: ['uintptr_t', []],
  EVP_aes_128_ctr: ['uintptr_t', []],
  EVP_EncryptInit_ex: ['int', ['uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t']],
  EVP_EncryptUpdate: ['int', ['uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t', 'int']],
  EVP_EncryptFinal_ex: ['int', ['uintptr_t', 'uintptr_t', 'uintptr_t']],
  EVP_DecryptInit_ex: ['int', ['uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t']],
  EVP_DecryptUpdate: ['int', ['uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t', 'int']],
  EVP_DecryptFinal_ex: ['int', ['uintptr_t', 'uintptr_t', 'uintptr_t']],
  EVP_CIPHER_CTX_ctrl: ['int', ['uintptr_t', 'int', 'int', 'uintptr_t']],
  ERR_clear_error: ['void', []],
  SHA1_Init: ['int', ['uintptr_t']],
  SHA1_Update: ['int', ['uintptr_t', 'uintptr_t', 'size_t']],
  SHA1_Final: ['int', ['uintptr_t', 'uintptr_t']],
  sendmmsg: ['int', ['int', 'uintptr_t', 'uint32_t', 'int']],
  recvmmsg: ['int', ['int', 'uintptr_t', 'uint32_t', 'int', 'uintptr_t']],
  clock_gettime: ['int', ['int', 'uintptr_t']],
  setsockopt: ['int', ['int', 'int', 'int', 'uintptr_t', 'uint32_t']],
  // Nobody calls it; musl, whose structures are others, lacks it.
  gnu_get_libc_version: ['uintptr_t', []],
} as const satisfies Record<string, readonly [CType, readonly CType[]]>;

type Signatures = typeof SIGNATURES;
type FromC<T extends CType> = T extends 'uintptr_t' ? NativeAddress : T extends 'void' ? void : number;
type Arguments<A extends readonly CType[]> = { -readonly [I in keyof A]: FromC<A[I]> };

/** The native functions under their C names. They trust their arguments: only the wrappers in this folder call them. */
export type NativeFunctions = { readonly [N in keyof Signatures]: (...parameters: Arguments<Signatures[N][1]>) => FromC<Signatures[N][0]> };

/** Native code of this process, made callable. */
export interface NativeLibrary {
  readonly functions: NativeFunctions;
  /** `errno` of the last call. */
  errno(): number;
  /** Address of the first byte. The memory must outlive its use, and never move. */
  baseAddress(bytes: Uint8Array): number;
}

/** Makes native code callable, or says in part of a sentence why it cannot be. */
export async function loadNativeLibrary(): Promise<NativeLibrary | string> {
  if (process.platform !== 'linux') return `it is for Linux, and this is ${process.platform}`;
  if (endianness() !== 'LE') return 'it is for little-endian machines';
  const koffi = await loadKoffi();
  if (typeof koffi === 'string') return koffi;
  if (koffi.sizeof('void *') !== 8) return 'it is for 64-bit machines';
  const library = koffi.load(null);
  const functions: Record<string, unknown> = {};
  for (const [name, [result, parameters]] of Object.entries(SIGNATURES)) {
    try {
      functions[name] = library.func(name, result, [...parameters]);
    } catch {
      return `this build of Node has no ${name}`;
    }
  }
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- built of the table that the type is derived from
    functions: functions as NativeFunctions,
    errno: () => koffi.errno(),
    baseAddress: (bytes) => Number(koffi.address(bytes)),
  };
}

/** koffi is an optional dependency, and brings no binary for some platforms. */
async function loadKoffi(): Promise<typeof import('koffi') | string> {
  try {
    return await import('koffi');
  } catch (error) {
    return `koffi cannot be loaded (${error instanceof Error ? error.message : String(error)})`;
  }
}
