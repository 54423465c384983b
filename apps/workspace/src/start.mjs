import path from 'node:path';
import { buildConsole, setUp } from './setup.mjs';
import { runInForeground } from './subprocess.mjs';
import { runScript, workspaceFolder } from './workspace.mjs';

/** `npm start`: sets up what is missing, then runs the server with the given flags. */
await runScript(async () => {
  const toolchain = await setUp();
  await buildConsole(toolchain);
  return runInForeground({
    file: toolchain.node,
    args: [path.join(workspaceFolder, 'apps/server/src/cli.ts'), ...process.argv.slice(2)],
    env: toolchain.env,
  });
});
