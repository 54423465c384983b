import { setUp } from './setup.mjs';
import { runInForeground } from './subprocess.mjs';
import { runScript, workspaceFolder } from './workspace.mjs';

/** `node apps/workspace/src/pnpm.mjs lint`: any pnpm command, for machines without pnpm and a current Node. */
await runScript(async () => {
  const toolchain = await setUp();
  return runInForeground({ file: toolchain.pnpm, args: process.argv.slice(2), cwd: workspaceFolder, env: toolchain.env });
});
