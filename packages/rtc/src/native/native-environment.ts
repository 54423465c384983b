import type { PacketArena } from '../outbound/packet-arena.ts';
import type { NativeFunctions, NativeLibrary } from './native-functions.ts';
import { NativeMemory } from './native-memory.ts';

/** Longest datagram there is, and what native code may write behind it. */
const PACKET_BYTES = 65_536 + 64;

/** Offsets of what native calls need besides packets; all calls share it, because none lasts longer than the next. */
export interface NativeScratch {
  readonly iv: number;
  readonly block: number;
  readonly outputLength: number;
  readonly sha1State: number;
  readonly sha1Block: number;
  readonly digest: number;
  /** Room for one packet that does not stand in the arena. */
  readonly packet: number;
  readonly packetBytes: number;
}

/** What the wrappers of native code stand on; one per arena. */
export interface NativeEnvironment {
  readonly arena: PacketArena;
  readonly library: NativeLibrary;
  readonly functions: NativeFunctions;
  readonly memory: NativeMemory;
  readonly scratch: NativeScratch;
  /** Cipher contexts that OpenSSL has made and nobody has freed yet. */
  openCiphers: number;
}

export function createNativeEnvironment(library: NativeLibrary, arena: PacketArena): NativeEnvironment {
  const scratch: NativeScratch = {
    iv: arena.allocate(16),
    block: arena.allocate(16),
    outputLength: arena.allocate(4),
    sha1State: arena.allocate(96),
    sha1Block: arena.allocate(64),
    digest: arena.allocate(20),
    packet: arena.allocate(PACKET_BYTES),
    packetBytes: PACKET_BYTES,
  };
  return { arena, library, functions: library.functions, memory: new NativeMemory(arena, library), scratch, openCiphers: 0 };
}
