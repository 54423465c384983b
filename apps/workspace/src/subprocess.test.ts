import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

test('what runs in the foreground ends when the shell around it is killed', async () => {
  const module = JSON.stringify(new URL('subprocess.mjs', import.meta.url).href);
  const inner = `setInterval(() => {}, 1000); console.log(process.pid)`;
  const outer = `import(${module}).then((m) => m.runInForeground({ file: process.execPath, args: ['-e', ${JSON.stringify(inner)}] }))`;
  // Two commands, so that no shell replaces itself with the first.
  const shell = spawn('sh', ['-c', '"$0" -e "$1"; true', process.execPath, outer], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  try {
    shell.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  } finally {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
}, 20_000);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('death by a signal is a code as in a shell', async () => {
  expect(await runInForeground(node('process.kill(process.pid, "SIGKILL")'))).toBe(137);
});
