// For apps/bench, which measures these apart from the rest. Not published: nothing of it is promised to anybody.
export { createNativeEnvironment } from './native/native-environment.ts';
export { loadNativeLibrary } from './native/native-functions.ts';
export { PacketArena } from './outbound/packet-arena.ts';
export { PacketBatch, SLOT_BYTES } from './outbound/packet-batch.ts';
export type { BatchSealer } from './srtp/batch/batch-sealer.ts';
export { NativeSealer } from './srtp/batch/native-sealer.ts';
export { PacketWiseSealer } from './srtp/batch/packet-wise-sealer.ts';
export { PortableSealer } from './srtp/batch/portable-sealer.ts';
export { SRTP_PROFILES, type SrtpProfile } from './srtp/profiles.ts';
