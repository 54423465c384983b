import { cpus, loadavg } from 'node:os';
import {
  type BatchSealer,
  NativeSealer,
  type PacketArena,
  PacketWiseSealer,
  PortableSealer,
  SRTP_PROFILES,
  type SrtpProfile,
  createNativeEnvironment,
  loadNativeLibrary,
} from '@sluice/rtc/benchmark';
import { percentile } from '../statistics.ts';
import { formatTable } from '../report/table.ts';
import { FanOutLoad, PACKET_BYTES } from './fan-out-load.ts';

const VIEWERS = 100;
const BURSTS = [1, 3, 16] as const;
/** All cases take turns, so that a busy moment of the machine hits each of them. */
const ROUNDS = 7;
const PACKETS_PER_ROUND = 20_000;

/** One line of the table: its loads are of one burst each. */
interface Subject {
  readonly name: string;
  readonly profile: SrtpProfile;
  readonly loads: readonly FanOutLoad[];
  /** Microseconds per packet: for each load its samples. */
  readonly samples: readonly number[][];
}

const sealers = await availableSealers();
const profiles = Object.keys(SRTP_PROFILES).filter(isProfile);
const subjects = profiles.flatMap((profile) => [...sealers].map(([name, createSealer]) => createSubject(name, profile, createSealer)));
for (let round = 0; round <= ROUNDS; round++) {
  for (const subject of subjects) measure(subject, round > 0);
}
process.stdout.write(`${formatReport()}\n`);

async function availableSealers(): Promise<Map<string, (arena: PacketArena) => BatchSealer>> {
  const available = new Map<string, (arena: PacketArena) => BatchSealer>([
    ['packet-wise', () => new PacketWiseSealer()],
    ['portable', (arena) => new PortableSealer({ arena })],
  ]);
  const library = await loadNativeLibrary();
  if (typeof library === 'string') process.stderr.write(`Without the native sealer: ${library}\n`);
  else available.set('native', (arena) => new NativeSealer(createNativeEnvironment(library, arena)));
  return available;
}

function isProfile(name: string): name is SrtpProfile {
  return Object.hasOwn(SRTP_PROFILES, name);
}

function createSubject(name: string, profile: SrtpProfile, createSealer: (arena: PacketArena) => BatchSealer): Subject {
  const loads = BURSTS.map((burst) => new FanOutLoad({ createSealer, profile, viewers: VIEWERS, burst }));
  return { name, profile, loads, samples: BURSTS.map(() => []) };
}

/** The first round is for the compilers. */
function measure({ loads, samples }: Subject, counts: boolean): void {
  for (const [index, load] of loads.entries()) {
    const micros = load.measure(Math.ceil(PACKETS_PER_ROUND / VIEWERS / (BURSTS[index] ?? 1)));
    if (counts) samples[index]?.push(micros);
  }
}

function formatReport(): string {
  const rows = subjects.map(({ name, profile, samples }) => [`${profile}, ${name}`, ...samples.map((ofBurst) => percentile(ofBurst, 0.5)?.toFixed(2) ?? '–')]);
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown CPU'}, load average ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.version}`,
    `Sealing of ${PACKET_BYTES}-byte packets to ${VIEWERS} viewers: CPU per packet in µs, median of ${ROUNDS} rounds, by packets to each viewer at a time`,
    '',
    formatTable([['', ...BURSTS.map(String)], ...rows]),
  ].join('\n');
}
