import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningServer } from '../running-server.ts';
import { startServer } from '../server.ts';
import type { Command } from './command.ts';
import { play } from './play.ts';
import { publish } from './publish.ts';

const CLIP = fileURLToPath(new URL('../../../../plugins/demo/clip/demo.ivf', import.meta.url));

let server: RunningServer;

beforeAll(async () => {
  server = await startServer(parseConfig({ demo: false, http: { port: 0 }, rtc: { port: 0 }, streams: { maxStreamWaitMs: 10_000 } }), { logger: silentLogger });
});

afterAll(() => server?.close());

/** Runs a command and gives what it printed. */
async function run(command: Command, ...args: string[]) {
  let printed = '';
  let complained = '';
  const print = (text: string): void => void (printed += text);
  const complain = (text: string): void => void (complained += text);
  const code = await command.execute(args, { cwd: '/', env: {}, isTerminal: false, print, complain });
  return { code, printed, complained };
}

test('a clip that is published arrives as numbers for people and for programs', { timeout: 30_000 }, async () => {
  const publishing = run(publish, CLIP, `${server.url}/whip/live/clip`, '--json', '--seconds', '6');
  const [table, json] = await Promise.all([
    run(play, `${server.url}/whep/live/clip`, '--stats', '--seconds', '3.5'),
    run(play, `${server.url}/whep/live/clip`, '--json', '--seconds', '3.5'),
  ]);
  expect([table.code, json.code]).toEqual([0, 0]);
  expect(table.complained).toMatch(/^Playing http.* connected to .* in \d+ ms\n$/);
  const [titles, ...rows] = table.printed.trimEnd().split('\n');
  expect(titles).toMatch(/^time +connection +video +fps +key\/s +kbit\/s +audio/);
  expect(rows.at(-1)).toMatch(/^00:0\d +connected +VP8 1280×720 +\d+\.\d +\d\.\d +\d+ +opus +\d+ +0\.00 +\d+\.\d/);
  const last: unknown = JSON.parse(json.printed.trimEnd().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({ state: 'connected', tracks: expect.arrayContaining([expect.objectContaining({ kind: 'video', codec: 'VP8', width: 1280, height: 720, lossPercent: 0 })]) });
  const published = await publishing;
  expect(published).toMatchObject({ code: 0, complained: expect.stringContaining('VP8 and opus, connected in') });
  expect(published.printed).toContain('"codec":"VP8"');
});

test('the end of the stream is said, and is a failure', { timeout: 30_000 }, async () => {
  const publishing = run(publish, CLIP, `${server.url}/whip/live/short`, '--seconds', '2');
  const played = await run(play, `${server.url}/whep/live/short`, '--seconds', '20');
  expect(played).toMatchObject({ code: 1, complained: expect.stringContaining('The stream ended: ') });
  await publishing;
});

describe('what cannot be done is one sentence', () => {
  test.each([
    [play, ['http://127.0.0.1:9/whep'], 'could not be reached'],
    [play, ['nowhere'], 'must be an http or https URL'],
    [publish, ['/nothing.webm', 'http://127.0.0.1/'], 'cannot be opened (ENOENT)'],
    [play, ['http://127.0.0.1/', '--seconds', 'x'], '--seconds must be a number'],
  ] as const)('%#', async (command, args, words) => {
    await expect(run(command, ...args)).rejects.toThrow(words);
  });

  test('a server that refuses, and a clip that is damaged', async () => {
    await expect(run(play, `${server.url}/nothing`)).rejects.toThrow('answered 404');
    const folder = await mkdtemp(join(tmpdir(), 'sluice-clips-'));
    await writeFile(join(folder, 'clip.webm'), 'not a clip');
    await expect(run(publish, join(folder, 'clip.webm'), `${server.url}/whip/live/x`)).rejects.toThrow('cannot be read at byte 0');
    await rm(folder, { recursive: true });
  });
});
