import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JanusSignalling } from '../load/janus-signalling.ts';
import type { RunningServer, ServerOptions } from './running-server.ts';
import { usageOf } from './usage.ts';

const START_DEADLINE_MS = 30_000;
const RETRY_MS = 100;
/** Fatal ones only. */
const DEBUG_LEVEL = '1';
const UNUSED_PLUGINS = ['audiobridge', 'duktape', 'echotest', 'lua', 'nosip', 'recordplay', 'sip', 'streaming', 'textroom', 'videocall', 'voicemail'];
const UNUSED_TRANSPORTS = ['http', 'mqtt', 'nanomsg', 'pfunix', 'rabbitmq'];

/** Starts Janus (Debian's package `janus`) with its video rooms and its WebSocket interface alone. */
export async function startJanus({ address }: ServerOptions): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-janus-'));
  const port = await freePort();
  await Promise.all(Object.entries(configuration(address, port)).map(([name, text]) => writeFile(join(folder, name), text)));
  const child = spawn('janus', ['--configs-folder', folder, '--disable-colors', '--debug-level', DEBUG_LEVEL], { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `ws://127.0.0.1:${port}`;
  const dispose = async (): Promise<void> => {
    await stop(child);
    await rm(folder, { recursive: true });
  };
  try {
    await Promise.race([listening(url), failure(child)]);
    const pid = child.pid ?? 0;
    return { signalling: { kind: 'janus', url }, usage: () => usageOf(pid), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function configuration(address: string, port: number): Record<string, string> {
  return {
    // It loads whatever is not named here.
    'janus.jcfg': `
general: { session_timeout = 0 }
nat: { ice_enforce_list = "${address}" }
plugins: { disable = "${librariesOf(UNUSED_PLUGINS)}" }
transports: { disable = "${librariesOf(UNUSED_TRANSPORTS)}" }
events: { broadcast = false }
`,
    'janus.transport.websockets.jcfg': `general: { json = "compact", ws = true, ws_ip = "127.0.0.1", ws_port = ${port}, wss = false }\n`,
    'janus.plugin.videoroom.jcfg': 'general: { }\n',
  };
}

function librariesOf(names: readonly string[]): string {
  return names.map((name) => `libjanus_${name}.so`).join(',');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function listening(url: string): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  for (;;) {
    try {
      const signalling = await JanusSignalling.connect(url);
      return signalling.close();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

async function failure(child: ChildProcess): Promise<never> {
  await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
  throw new Error('Janus does not run; Debian has it as the package janus.');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
