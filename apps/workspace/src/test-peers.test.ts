import { expect, test } from 'vitest';
import { howToInstall, isDebianRelease } from './test-peers.mjs';

test('Debian is told from what derives from it', () => {
  expect(isDebianRelease('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n')).toBe(true);
  expect(isDebianRelease('ID=ubuntu\nID_LIKE=debian\n')).toBe(false);
});

test('the person reads what to install and how', () => {
  const sentence = howToInstall('Chromium', ['chromium'], true);
  expect(sentence).toContain('not here: Chromium.');
  expect(sentence).toContain('apt-get install --no-install-recommends chromium');
  expect(howToInstall('Chromium', ['chromium'], false)).toContain('on Debian that is: apt-get install');
});
