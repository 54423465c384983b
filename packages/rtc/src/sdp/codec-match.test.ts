import type { Codec } from '@sluice/core';
import { describe, expect, it } from 'vitest';

import { codecToSendAs, codecsMatch, matchesCapability } from './codec-match.ts';

function video(name: string, parameters: Record<string, string> = {}): Codec {
  return { name, clockRate: 90_000, parameters };
}

function h264(profileLevelId: string, mode = '1'): Codec {
  return video('H264', { 'profile-level-id': profileLevelId, 'packetization-mode': mode });
}

const opus: Codec = { name: 'opus', clockRate: 48_000, channels: 2, parameters: {} };

describe('codecsMatch', () => {
  it.each([
    ['names in any case', opus, { ...opus, name: 'OPUS' }],
    ['one channel said or not', { ...opus, channels: 1 }, { ...opus, channels: undefined }],
    ['receiver parameters', opus, { ...opus, parameters: { stereo: '1' } }],
    ['Constrained Baseline, written three ways', h264('42e01f'), h264('42C01E')],
    ['Constrained Baseline, as Main says it', h264('42e01f'), h264('4d801f')],
    ['H264 levels', h264('640c1f'), h264('640c34')],
    ['H264 without parameters as Constrained Baseline', video('H264'), h264('42e01f', '0')],
    ['VP9 without profile as profile 0', video('VP9'), video('VP9', { 'profile-id': '0' })],
    ['AV1 levels', video('AV1', { profile: '0', 'level-idx': '5' }), video('AV1', { 'level-idx': '8' })],
    ['H265 levels', video('H265', { 'level-id': '93' }), video('H265', { 'level-id': '120', 'profile-id': '1', 'tier-flag': '0' })],
  ])('%s', (_, a, b) => {
    expect(codecsMatch(a, b)).toBe(true);
    expect(codecsMatch(b, a)).toBe(true);
  });

  it.each([
    ['names', video('VP8'), video('VP9')],
    ['clock rates', opus, { ...opus, clockRate: 16_000 }],
    ['channels', opus, { ...opus, channels: 1 }],
    ['H264 packetization modes', h264('42e01f', '0'), h264('42e01f', '1')],
    ['Baseline and Constrained Baseline', h264('42001f'), h264('42e01f')],
    ['Main and High', h264('4d001f'), h264('64001f')],
    ['High and Constrained High', h264('64001f'), h264('640c1f')],
    ['profiles out of the table', h264('7a001f'), h264('6e001f')],
    ['VP9 profiles', video('VP9'), video('VP9', { 'profile-id': '2' })],
    ['AV1 profiles', video('AV1'), video('AV1', { profile: '1' })],
    ['H265 profiles', video('H265', { 'profile-id': '2' }), video('H265')],
    ['H265 tiers', video('H265', { 'tier-flag': '1' }), video('H265')],
  ])('tells %s apart', (_, a, b) => {
    expect(codecsMatch(a, b)).toBe(false);
    expect(codecsMatch(b, a)).toBe(false);
  });
});

describe('matchesCapability', () => {
  it('asks only for what the capability says', () => {
    expect(matchesCapability({ name: 'h264' }, h264('64001f', '0'))).toBe(true);
    expect(matchesCapability({ name: 'H264', parameters: { 'packetization-mode': '1' } }, h264('64001f', '0'))).toBe(false);
    expect(matchesCapability({ name: 'H264', parameters: { 'profile-level-id': '42e034' } }, h264('42c01f', '0'))).toBe(true);
    expect(matchesCapability({ name: 'opus', clockRate: 16_000 }, opus)).toBe(false);
    expect(matchesCapability({ name: 'VP9', parameters: { 'profile-id': '0' } }, video('VP9'))).toBe(true);
  });
});

it('sends RED as it is where its blocks are numbered alike, else as what it carries', () => {
  const red = (blocks: string) => ({ codec: { name: 'red', clockRate: 48_000, channels: 2, parameters: { [blocks]: '' } } });
  const [own, other, plain] = [red('111/111'), red('96/96'), { codec: opus }];
  expect(codecToSendAs([plain, other, own], own.codec)).toBe(own);
  expect(codecToSendAs([other, plain], own.codec)).toBe(plain);
  expect(codecToSendAs([plain, own], opus)).toBe(plain);
  expect(codecToSendAs([other], own.codec)).toBeUndefined();
});

it('sends H264 as the profile agreed on, else as one whose decoder takes it, else as what there is of that format', () => {
  const h264 = (profile: string, mode = '1') => ({ codec: { name: 'H264', clockRate: 90_000, parameters: { 'packetization-mode': mode, 'profile-level-id': profile } } });
  const [baseline, main, high, otherMode] = [h264('42e01f'), h264('4d001f'), h264('64001f'), h264('64001f', '0')];
  expect(codecToSendAs([baseline, main, high], main.codec)).toBe(main);
  expect(codecToSendAs([baseline, high], main.codec)).toBe(high);
  expect(codecToSendAs([high], h264('42001f').codec)).toBe(high);
  expect(codecToSendAs([otherMode, baseline], high.codec)).toBe(baseline);
  expect(codecToSendAs([otherMode], high.codec)).toBeUndefined();
  expect(codecToSendAs([baseline], opus)).toBeUndefined();
});
