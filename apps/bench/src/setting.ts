import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { cpus, loadavg, release, type } from 'node:os';
import { PACKET_BYTES } from './load/publisher.ts';
import { PROFILES, type ProfileName } from './load/profiles.ts';

const PEERS = ['@sluice/rtc', 'werift'];

/** Where and how it was measured. */
export interface Setting {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly loadAverage: number;
  readonly kernel: string;
  readonly node: string;
  readonly address: string;
  readonly packetBytes: number;
  readonly codec: string;
  readonly srtpProfile: string;
  /** Versions by name. */
  readonly peers: Readonly<Record<string, string>>;
}

/** Describes this machine and what is compared on it. */
export function describeSetting({ profile, address }: { readonly profile: ProfileName; readonly address: string }): Setting {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    cpu: processors[0]?.model ?? 'unknown CPU',
    cores: processors.length,
    loadAverage: loadavg()[0] ?? 0,
    kernel: `${type()} ${release()}`,
    node: process.version,
    address,
    packetBytes: PACKET_BYTES,
    codec: 'VP8',
    srtpProfile: PROFILES[profile].name,
    peers: { ...Object.fromEntries(PEERS.map((name) => [name, versionOf(name)])), Janus: janusVersion() },
  };
}

function versionOf(packageName: string): string {
  const path = findPackageJSON(packageName, import.meta.url);
  if (path === undefined) return 'unknown';
  const manifest: { version: string } = JSON.parse(readFileSync(path, 'utf8'));
  return manifest.version;
}

function janusVersion(): string {
  // It prints its version to whoever asks for help.
  const { stdout } = spawnSync('janus', ['--help'], { encoding: 'utf8' });
  return /^Janus version: .*\((\S+)\)/m.exec(stdout ?? '')?.[1] ?? 'not installed';
}
