import { existsSync, readFileSync } from 'node:fs';
import { capture } from './subprocess.mjs';
import { SetupError, timed } from './workspace.mjs';

/** The one that packages of the system install for; another may stand before it in PATH. */
const PYTHON = '/usr/bin/python3';

const GSTREAMER_PROBE = `
import gi
gi.require_version('Gst', '1.0')
gi.require_version('GstWebRTC', '1.0')
from gi.repository import Gst, GstWebRTC
Gst.init(None)
for name in ('webrtcbin', 'nicesrc', 'dtlsenc', 'vp8enc', 'opusenc', 'x264enc', 'avdec_h264'):
    assert Gst.ElementFactory.find(name), name
`;

/**
 * A program that the end-to-end tests use as a peer.
 * @typedef {object} Peer
 * @property {string} name
 * @property {readonly [string, ...string[]]} probe a command that succeeds where it is usable
 * @property {readonly string[]} packages of Debian that bring it
 */

/** @type {readonly Peer[]} */
const PEERS = [
  { name: 'Chromium', probe: ['chromium', '--version'], packages: ['chromium'] },
  { name: 'Firefox', probe: ['firefox-esr', '--version'], packages: ['firefox-esr'] },
  { name: 'OpenSSL', probe: ['openssl', 'version'], packages: ['openssl'] },
  {
    name: 'aiortc and WebSockets for Python',
    probe: [PYTHON, '-c', 'import aiortc, aiohttp, websockets'],
    packages: ['python3-aiortc', 'python3-aiohttp', 'python3-websockets'],
  },
  {
    name: 'Go with WebSockets',
    probe: ['env', 'GO111MODULE=off', 'GOPATH=/usr/share/gocode', 'go', 'list', 'github.com/gorilla/websocket'],
    packages: ['golang-go', 'golang-github-gorilla-websocket-dev'],
  },
  {
    name: 'GStreamer with webrtcbin and its Python bindings',
    probe: [PYTHON, '-c', GSTREAMER_PROBE],
    packages: [
      'gstreamer1.0-plugins-good',
      'gstreamer1.0-plugins-bad',
      'gstreamer1.0-plugins-ugly',
      'gstreamer1.0-nice',
      'gstreamer1.0-libav',
      'python3-gi',
      'python3-gst-1.0',
      'gir1.2-gst-plugins-bad-1.0',
    ],
  },
];

/** Makes sure of the peers of the end-to-end tests; installs them where it may (Debian, as root). */
export async function provideTestPeers() {
  const missing = await missingPeers();
  if (missing.length === 0) return;
  const names = missing.map((peer) => peer.name).join(', ');
  const packages = missing.flatMap((peer) => peer.packages);
  if (!isDebian() || process.getuid?.() !== 0) throw new SetupError(howToInstall(names, packages, isDebian()));

  await timed(`Installing what the tests use as peers (${names})`, () => aptInstall(packages));
  const stillMissing = await missingPeers();
  if (stillMissing.length === 0) return;
  const reasons = stillMissing.map(({ name, reason }) => `${name}: ${reason}`);
  throw new SetupError(`These are installed and do not work all the same.\n${reasons.join('\n')}`);
}

async function missingPeers() {
  const probes = PEERS.map(async (peer) => {
    const [file, ...args] = peer.probe;
    const { code, output } = await capture({ file, args });
    return code === 0 ? [] : [{ ...peer, reason: output.trim() }];
  });
  return (await Promise.all(probes)).flat();
}

/** @param {readonly string[]} packages */
async function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { code, output } = await capture({ file: 'apt-get', args, env });
    if (code !== 0) {
      throw new SetupError(`${output.trim()}\napt-get ${args.join(' ')} failed; what it said is above.`);
    }
  }
}

/**
 * @param {string} names
 * @param {readonly string[]} packages
 * @param {boolean} debian
 */
export function howToInstall(names, packages, debian) {
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  const how = debian
    ? `Run this as root and try again: apt-get update && ${command}`
    : `Install them and try again; on Debian that is: ${command}`;
  return `The tests need programs that are not here: ${names}. ${how}`;
}

function isDebian() {
  const file = '/etc/os-release';
  return existsSync(file) && isDebianRelease(readFileSync(file, 'utf8'));
}

/**
 * Debian itself only: what derives from it has other browsers under these names.
 * @param {string} osRelease content of /etc/os-release
 */
export function isDebianRelease(osRelease) {
  return /^ID="?debian"?$/m.test(osRelease);
}
