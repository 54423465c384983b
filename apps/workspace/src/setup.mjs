import { existsSync } from 'node:fs';
import path from 'node:path';
import { capture, isNetworkFailure } from './subprocess.mjs';
import { filesBelow, fingerprint, onceFor } from './stamp.mjs';
import { findToolchain } from './toolchain.mjs';
import { SetupError, stateFolder, timed, workspaceFolder } from './workspace.mjs';

/** @typedef {import('./toolchain.mjs').Toolchain} Toolchain */

/** No question that nobody would see, and no minute of silence when there is no network. */
const PNPM_SETTINGS = { CI: 'true', pnpm_config_fetch_retry_mintimeout: '1000', pnpm_config_fetch_retry_maxtimeout: '5000' };

const consoleFolder = path.join(workspaceFolder, 'apps/console');

/**
 * Brings the workspace to where everything runs: toolchain, packages. Does only what is not done yet.
 * @returns {Promise<Toolchain>}
 */
export async function setUp() {
  const toolchain = await findToolchain();
  await installPackages(toolchain);
  return toolchain;
}

/** @param {Toolchain} toolchain */
async function installPackages(toolchain) {
  await onceFor({
    stampFile: path.join(stateFolder, 'packages.stamp'),
    inputs: await packagesFingerprint(toolchain),
    product: path.join(workspaceFolder, 'node_modules/.modules.yaml'),
    work: () =>
      timed('Installing packages', () =>
        runPnpm(toolchain, ['install', '--frozen-lockfile'], 'pnpm could not install the packages'),
      ),
  });
}

/**
 * Builds the web page of the server when its sources have changed.
 * @param {Toolchain} toolchain
 */
export async function buildConsole(toolchain) {
  await onceFor({
    stampFile: path.join(stateFolder, 'console.stamp'),
    inputs: await fingerprint({
      folder: workspaceFolder,
      files: await filesBelow(consoleFolder),
      extra: [await packagesFingerprint(toolchain)],
    }),
    product: path.join(consoleFolder, 'dist/index.html'),
    work: () =>
      timed('Building the console', () =>
        runPnpm(toolchain, ['--filter', '@sluice/console', 'build'], 'The console could not be built'),
      ),
  });
}

/** @param {Toolchain} toolchain */
async function packagesFingerprint(toolchain) {
  const roots = ['packages', 'plugins', 'apps'].map((name) => path.join(workspaceFolder, name));
  const below = await Promise.all(roots.filter((root) => existsSync(root)).map(filesBelow));
  const manifests = below.flat().filter((file) => path.basename(file) === 'package.json');
  const shared = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((name) => path.join(workspaceFolder, name));
  return fingerprint({
    folder: workspaceFolder,
    files: [...shared, ...manifests],
    extra: [(await capture({ file: toolchain.node, args: ['--version'] })).output],
  });
}

/**
 * @param {Toolchain} toolchain
 * @param {readonly string[]} args
 * @param {string} failure what to say when it fails
 */
async function runPnpm(toolchain, args, failure) {
  const env = { ...toolchain.env, ...PNPM_SETTINGS };
  const { code, output } = await capture({ file: toolchain.pnpm, args, cwd: workspaceFolder, env });
  if (code === 0) return;
  if (isNetworkFailure(output)) {
    throw new SetupError(`${failure}, because the registry was not reached: check the network and try again.`);
  }
  throw new SetupError(`${output.trim()}\n${failure}; what it said is above.`);
}
