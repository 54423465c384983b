import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { KindCapabilities, MediaCapabilities } from '@sluice/core';

import type { LocalDescription } from '../write-description.ts';

/** Names of the offers in `fixtures/`; where they come from stands in its README. */
export const FIXTURES = [
  'aiortc-play',
  'aiortc-publish',
  'bundle-only-publish',
  'chromium-echo-data',
  'chromium-h264',
  'chromium-play',
  'chromium-publish',
  'chromium-simulcast',
  'ffmpeg-publish',
  'firefox-play',
  'firefox-publish',
  'gstreamer-publish',
] as const;

/** One of the offers in `fixtures/`. */
export type FixtureName = (typeof FIXTURES)[number];

/** The offer as the client made it. */
export function readFixture(name: FixtureName): string {
  return readFileSync(join(import.meta.dirname, '..', 'fixtures', `${name}.sdp`), 'utf8');
}

/** `text` with the first `from` replaced; throws when there is none, so that a test cannot pass by accident. */
export function edit(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`The fixture has no ${JSON.stringify(from)}.`);
  return text.replace(from, () => to);
}

/** `text` without its lines that start with one of `prefixes`. */
export function withoutLines(text: string, ...prefixes: string[]): string {
  return text
    .split('\r\n')
    .filter((line) => !prefixes.some((prefix) => line.startsWith(prefix)))
    .join('\r\n');
}

/** The lines of the m-line `index`, the m-line first. */
export function sectionLines(sdp: string, index: number): string[] {
  return (sdp.split('\r\nm=')[index + 1] ?? '').split('\r\n').map((line, position) => (position === 0 ? `m=${line}` : line));
}

/** `capabilities` with changes to video. */
export function withVideo(capabilities: MediaCapabilities, changes: Partial<KindCapabilities>): MediaCapabilities {
  if (!capabilities.video) throw new Error('The capabilities have no video to change.');
  return { ...capabilities, video: { ...capabilities.video, ...changes } };
}

/** Our side, sending on the first two m-lines. */
export const LOCAL: LocalDescription = {
  sessionId: '4611686018427387',
  ice: { usernameFragment: 'sluice', password: 'abcdefghijklmnopqrstuvwx' },
  fingerprint: { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') },
  candidates: [
    { foundation: '1', priority: 2_130_706_431, address: '192.0.2.10', port: 8000, protocol: 'udp' },
    { foundation: '2', priority: 2_130_706_175, address: '2001:db8::10', port: 8000, protocol: 'udp' },
  ],
  streamLabel: 'live-demo',
  cname: 'sluice-cname',
  outbound: new Map([
    [0, { ssrc: 1111, rtxSsrc: 1112, trackLabel: 'audio-track' }],
    [1, { ssrc: 2222, rtxSsrc: 2223, trackLabel: 'video-track' }],
  ]),
};
