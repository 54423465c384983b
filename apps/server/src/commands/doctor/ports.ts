import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { ServerConfig } from '@sluice/config';
import { type Finding, ok, problem, warning } from './finding.ts';
import { runningSluice } from './running-sluice.ts';

const TAKEN = 'EADDRINUSE';

/** A port that may be taken. */
interface PortState {
  readonly about: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Why it cannot be had; undefined = it can. */
  readonly failure: string | undefined;
  /** Undefined when it is not known. */
  readonly holder: string | undefined;
}

/** Whether the ports of this configuration are free, and who has them; a Sluice server that runs already may. */
export async function checkPorts({ http, rtc }: ServerConfig): Promise<readonly Finding[]> {
  const [forHttp, forMedia] = await Promise.all([
    stateOf('HTTP port', 'tcp', http.port, tcpFailure(http.host, http.port)),
    stateOf('media port', 'udp', rtc.port, udpFailure(rtc.port)),
  ]);
  const running = forHttp.failure === TAKEN ? await runningSluice(http) : undefined;
  if (running === undefined) return [forHttp, forMedia].map(findingOf);
  const isOurs = forMedia.failure === TAKEN && forMedia.holder === forHttp.holder;
  return [takenBySluice(forHttp, running), isOurs ? takenBySluice(forMedia) : findingOf(forMedia)];
}

async function stateOf(about: string, protocol: PortState['protocol'], port: number, failing: Promise<string | undefined>): Promise<PortState> {
  const failure = await failing;
  return { about, protocol, port, failure, holder: failure === TAKEN ? await holderOf(protocol, port) : undefined };
}

function findingOf({ about, protocol, port, failure, holder }: PortState): Finding {
  const name = `${protocol.toUpperCase()} ${port}`;
  if (failure === undefined) return ok(about, port === 0 ? 'Any free one is taken.' : `${name} is free.`);
  if (failure !== TAKEN) return problem(about, `${name} cannot be used (${failure}).`);
  return problem(about, `${name} is taken${holder === undefined ? '' : ` by ${holder}`}: stop that, or choose another port.`);
}

function takenBySluice({ about, protocol, port, holder = 'a process of another user' }: PortState, readiness?: string): Finding {
  const text = `${protocol.toUpperCase()} ${port} is taken by a running Sluice, ${holder}`;
  if (readiness === undefined || readiness === 'ready') return ok(about, `${text}.`);
  return warning(about, `${text}, which takes no new sessions (${readiness}).`);
}

async function tcpFailure(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return codeOf(error);
  } finally {
    server.close();
  }
}

async function udpFailure(port: number): Promise<string | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port);
    await once(socket, 'listening');
    return undefined;
  } catch (error) {
    return codeOf(error);
  } finally {
    socket.close();
  }
}

/** On Linux, as far as this user may see it: `node (process 123)`. */
async function holderOf(protocol: 'tcp' | 'udp', port: number): Promise<string | undefined> {
  try {
    const tables = await Promise.all([`/proc/net/${protocol}`, `/proc/net/${protocol}6`].map((path) => readFile(path, 'utf8').catch(() => '')));
    const inodes = new Set(tables.flatMap((table) => inodesOf(table, port)));
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    for (const id of processes) {
      if (await hasSocket(id, inodes)) return `${(await readFile(`/proc/${id}/comm`, 'utf8')).trim()} (process ${id})`;
    }
  } catch {
    // Another system, or a process that has just ended.
  }
  return undefined;
}

/** Lines of /proc/net/tcp: number, local address:port in hex, …, inode as the tenth field. */
function inodesOf(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.flatMap((fields) => (fields[1]?.endsWith(suffix) && fields[9] !== undefined && fields[9] !== '0' ? [`socket:[${fields[9]}]`] : []));
}

async function hasSocket(process: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${process}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  const targets = await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return targets.some((target) => inodes.has(target));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
