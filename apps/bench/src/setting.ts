import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { cpus, loadavg, release, type } from 'node:os';
import { PACKET_BYTES } from './load/publisher.ts';
import { PROFILES, type ProfileName } from './load/profiles.ts';
import type { Setting } from './results.ts';

const PEERS = ['@sluice/rtc', 'werift'];

/** Describes this machine and what is compared on it. */
export function describeSetting(profile: ProfileName): Setting {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    cpu: processors[0]?.model ?? 'unknown CPU',
    cores: processors.length,
    loadAverage: loadavg()[0] ?? 0,
    kernel: `${type()} ${release()}`,
    node: process.version,
    packetBytes: PACKET_BYTES,
    codec: 'VP8',
    srtpProfile: PROFILES[profile].name,
    peers: Object.fromEntries(PEERS.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(packageName: string): string {
  const path = findPackageJSON(packageName, import.meta.url);
  if (path === undefined) return 'unknown';
  const manifest: { version: string } = JSON.parse(readFileSync(path, 'utf8'));
  return manifest.version;
}
