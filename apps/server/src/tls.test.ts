import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { parseConfig } from '@sluice/config';
import { MemoryLogger } from '@sluice/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from './server.ts';

function pair(folder: string, name: string): void {
  const files = ['-keyout', path.join(folder, `${name}.key`), '-out', path.join(folder, `${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`, ...files], { stdio: 'ignore' });
}

async function setUp() {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['one', 'two']) pair(folder, name);
  const certFile = path.join(folder, 'live.crt');
  const keyFile = path.join(folder, 'live.key');
  const install = (cert: string, key = cert): void => {
    copyFileSync(path.join(folder, `${cert}.crt`), certFile);
    copyFileSync(path.join(folder, `${key}.key`), keyFile);
  };
  install('one');
  const logger = new MemoryLogger();
  const config = parseConfig({ http: { port: 0, tls: { certFile, keyFile } }, rtc: { port: 0 }, demo: false });
  const start = async () => {
    const server = await startServer(config, { logger });
    onTestFinished(() => server.close());
    return server;
  };
  return { install, start, certFile, logger };
}

/** The name in the certificate of a connection's other end, after a request on it. */
function nameSeenBy(agent: Agent, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/healthz`, { agent, rejectUnauthorized: false }, (response) => {
      const { CN } = (response.socket as TLSSocket).getPeerCertificate().subject;
      response.resume().on('end', () => resolve(String(CN)));
    });
    sent.on('error', reject).end();
  });
}

function freshly(url: string): Promise<string> {
  return nameSeenBy(new Agent({ keepAlive: false, maxCachedSessions: 0 }), url);
}

test('a certificate that is replaced serves new connections, and open ones go on', async () => {
  const { install, start } = await setUp();
  const { url } = await start();
  expect(url).toMatch(/^https:/);
  const open = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => open.destroy());
  expect(await nameSeenBy(open, url)).toBe('one');
  install('two');
  await expect.poll(() => freshly(url), { timeout: 5_000 }).toBe('two');
  expect(await nameSeenBy(open, url)).toBe('one');
});

test.each([
  { wrong: 'a key of another certificate', change: (install: (cert: string, key?: string) => void) => install('two', 'one'), words: 'does not belong to the certificate' },
  { wrong: 'no certificate', change: (_: unknown, certFile: string) => writeFileSync(certFile, 'nonsense'), words: 'holds no usable TLS certificate' },
])('$wrong leaves the old one in service, and is said', async ({ change, words }) => {
  const { install, start, certFile, logger } = await setUp();
  const { url } = await start();
  change(install, certFile);
  await expect.poll(() => logger.lines.find(({ level }) => level === 'error')?.message, { timeout: 5_000 }).toContain(words);
  expect(await freshly(url)).toBe('one');
  await expect(start()).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(words) });
});
