import { randomBytes } from 'node:crypto';
import { type Logger, MediaError } from '@sluice/core';
import { NativeDatagramReader } from './native/datagram-reader.ts';
import { type NativeEnvironment, createNativeEnvironment } from './native/native-environment.ts';
import { loadNativeLibrary } from './native/native-functions.ts';
import { PacketArena } from './outbound/packet-arena.ts';
import { DEFAULT_BATCH_PACKETS } from './outbound/packet-batch.ts';
import type { BatchSealer } from './srtp/batch/batch-sealer.ts';
import { NativeSealer } from './srtp/batch/native-sealer.ts';
import { PortableSealer } from './srtp/batch/portable-sealer.ts';
import { createPacketCipher } from './srtp/create-packet-cipher.ts';
import { createNativePacketCipher } from './srtp/native/native-packet-cipher.ts';
import type { CreatePacketCipher } from './srtp/packet-cipher.ts';
import { SRTP_PROFILES, type SrtpProfile } from './srtp/profiles.ts';
import type { BatchSender } from './udp/batch-sender.ts';
import { NativeSender } from './udp/native-sender.ts';
import type { DatagramReader } from './udp/receive-polling.ts';
import type { SenderPort } from './udp/sender-port.ts';
import { SingleSender } from './udp/single-sender.ts';

const PROFILES: readonly SrtpProfile[] = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'];

/** The ways to encrypt and send: the same packets, at another price. */
export type RtcTier = 'native' | 'portable';

/** What encrypts, decrypts and sends in one engine. */
export interface MediaTier {
  readonly name: RtcTier;
  readonly arena: PacketArena;
  readonly sealer: BatchSealer;
  readonly createCipher: CreatePacketCipher;
  createSender(port: SenderPort): BatchSender;
  /** Undefined where only Node reads datagrams. */
  readonly reader: DatagramReader | undefined;
}

/**
 * Takes the native tier where it works, and says in one line which one it is.
 * @param wanted a tier, or `auto` for the best
 * @throws MediaError CONFIG_INVALID when `native` is demanded and does not work here
 */
export async function chooseTier(wanted: RtcTier | 'auto', logger: Logger): Promise<MediaTier> {
  const native = wanted === 'portable' ? 'rtc.tier says so' : await createNativeTier();
  if (typeof native !== 'string') {
    logger.info({ tier: native.name }, 'Media is encrypted and sent by native calls');
    return native;
  }
  if (wanted === 'native') throw new MediaError('CONFIG_INVALID', `rtc.tier is native, but native code cannot be used: ${native}; set it to auto or portable.`);
  const tier = createPortableTier();
  logger.info({ tier: tier.name, reason: native }, 'Media is encrypted and sent without native calls, which costs more per packet');
  return tier;
}

function createPortableTier(): MediaTier {
  const arena = new PacketArena();
  return {
    name: 'portable',
    arena,
    sealer: new PortableSealer({ arena }),
    createCipher: createPacketCipher,
    createSender: (port) => new SingleSender(port),
    reader: undefined,
  };
}

/** Or in part of a sentence why not. */
async function createNativeTier(): Promise<MediaTier | string> {
  const library = await loadNativeLibrary();
  if (typeof library === 'string') return library;
  const environment = createNativeEnvironment(library, new PacketArena());
  const wrong = PROFILES.find((profile) => !sealsAsExpected(environment, profile));
  if (wrong) return `${wrong} of this build of Node gives other bytes than node:crypto`;
  return {
    name: 'native',
    arena: environment.arena,
    sealer: new NativeSealer(environment),
    createCipher: createNativePacketCipher(environment),
    createSender: (port) => new NativeSender(environment, port, DEFAULT_BATCH_PACKETS),
    reader: new NativeDatagramReader(environment),
  };
}

/** Native code is called by its name alone, so that another build may mean something else by it. */
function sealsAsExpected(environment: NativeEnvironment, profile: SrtpProfile): boolean {
  const { keyBytes, saltBytes } = SRTP_PROFILES[profile];
  const [key, salt] = [randomBytes(keyBytes), randomBytes(saltBytes)];
  const packet = Buffer.concat([Buffer.from([0x80, 96]), randomBytes(1000)]);
  const cipher = createNativePacketCipher(environment)(profile, key, salt);
  try {
    const sealed = cipher.protectRtp(packet, 12, 1);
    const isSame = sealed.equals(createPacketCipher(profile, key, salt).protectRtp(packet, 12, 1));
    return isSame && cipher.unprotectRtp(sealed, 12, 1)?.equals(packet) === true;
  } catch {
    return false;
  } finally {
    cipher.close();
  }
}
