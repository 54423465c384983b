import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile, snippetsOf } from './snippets.ts';

test('every snippet of the README of the client compiles', () => {
  const snippets = snippetsOf(readFileSync(new URL('../../../packages/client/README.md', import.meta.url), 'utf8'));
  expect(snippets.length).toBeGreaterThan(10);
  expect(compile(snippets)).toEqual([]);
}, 60_000);

test('what does not compile is said', () => {
  expect(compile(["import { Endpoint } from '@sluice/client';\nnew Endpoint({ url: '/whep/live/cam', elment: video });\n"])).toEqual([expect.stringContaining("'elment' does not exist")]);
}, 60_000);
