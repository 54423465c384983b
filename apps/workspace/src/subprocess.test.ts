import { expect, test } from 'vitest';
import { capture, runInForeground } from './subprocess.mjs';

const node = (script: string) => ({ file: process.execPath, args: ['-e', script] });

test('output of both streams is kept together with the exit code', async () => {
  const { code, output } = await capture(node('console.log("out"); console.error("err"); process.exitCode = 3'));
  expect(code).toBe(3);
  expect(output).toContain('out');
  expect(output).toContain('err');
});

test('a command that does not exist ends with 127', async () => {
  expect(await capture({ file: 'sluice-no-such-command', args: [] })).toMatchObject({ code: 127 });
});

test('what does not end is killed at its deadline', async () => {
  expect(await runInForeground(node('for (;;);'), { deadlineMs: 300 })).toBe(137);
});

test('death by a signal is a code as in a shell', async () => {
  expect(await runInForeground(node('process.kill(process.pid, "SIGKILL")'))).toBe(137);
});
