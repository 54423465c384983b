import { existsSync, readFileSync } from 'node:fs';
import { parseConfig } from '@sluice/config';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { codeBlocks, localLinks } from './markdown.ts';

const ROOT = new URL('../../../../', import.meta.url);
const README = read('README.md');
const BLOCKS = codeBlocks(README);
/** Without the comments behind them. */
const COMMANDS = blocksOf('sh').flatMap((block) => block.trimEnd().split('\n').map((line) => line.replace(/\s+#.*/, '')));

function read(file: string): string {
  return readFileSync(new URL(file, ROOT), 'utf8');
}

function blocksOf(language: string): string[] {
  return BLOCKS.filter((block) => block.language === language).map(({ code }) => code);
}

function isNpm(command: string): boolean {
  return command.startsWith('npm ');
}

test('every block has a language that is looked at here', () => {
  expect(BLOCKS.length).toBe(README.match(/^```\w/gm)?.length);
  expect(new Set(BLOCKS.map(({ language }) => language))).toEqual(new Set(['sh', 'ts', 'yaml']));
});

test.each(BLOCKS.filter(({ language }) => language === 'ts'))('the code is that of $file', ({ file, code }) => {
  expect(file).toMatch(/^apps\/examples\/readme\/src\/.*\.ts$/);
  expect(code).toBe(read(file ?? ''));
});

test.each(blocksOf('yaml'))('the configuration is a valid one:\n%s', (yaml) => {
  expect(parseConfig(parseYaml(yaml))).toMatchObject(parseYaml(yaml));
});

test.each(COMMANDS.filter(isNpm))('npm knows the command: %s', (command) => {
  const script = command.split(' ').at(-1) ?? '';
  expect(JSON.parse(read('package.json'))).toHaveProperty(['scripts', script]);
});

test.each(COMMANDS.filter((command) => !isNpm(command)))('the program exists: %s', (command) => {
  expect(existsSync(new URL(command, ROOT))).toBe(true);
});

test.each(localLinks(README))('the link leads to a file: %s', (target) => {
  expect(existsSync(new URL(target, ROOT))).toBe(true);
});
