import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { parseConfig } from '@sluice/config';
import { silentLogger } from '@sluice/core';
import { type RunningServer, startServer } from '@sluice/server';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { httpExchange, isAsShown, wireLines } from './exchange.ts';
import { codeBlocks, localLinks } from './markdown.ts';

const FOLDER = new URL('../../../../docs/protocols/', import.meta.url);
const PAGES = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));
const OFFERS = new URL('../../../../packages/rtc/src/sdp/fixtures/', import.meta.url);
const DEADLINE = { timeout: 20_000, interval: 20 };

let server: RunningServer;

beforeAll(async () => {
  server = await startServer(parseConfig({ http: { port: 0 }, rtc: { port: 0 }, demo: true, relay: { enabled: true } }), { logger: silentLogger });
});

afterAll(() => server.close());

function blocksOf(language: string, text: string) {
  return codeBlocks(text).filter((block) => block.language === language);
}

/** An offer of Chromium. */
function offerFor(path: string): string {
  return readFileSync(new URL(path.endsWith('type=push') ? 'chromium-publish.sdp' : 'chromium-play.sdp', OFFERS), 'utf8');
}

/** A client that remembers what it was sent, and forgets what a page has shown. */
class Client {
  readonly socket: WebSocket;
  readonly received: unknown[] = [];

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.addEventListener('message', ({ data }) => this.received.push(JSON.parse(data)));
  }

  async next(): Promise<unknown> {
    await vi.waitUntil(() => this.received.length > 0, DEADLINE);
    return this.received.shift();
  }
}

describe.each(PAGES)('$name', ({ text }) => {
  test.each(localLinks(text))('the link leads to a file: %s', (target) => {
    expect(existsSync(new URL(target, FOLDER))).toBe(true);
  });

  test.each(blocksOf('wire', text))('clients of $file have this exchange', async ({ file, code }) => {
    const clients = new Map<string, Client>();
    for (const line of wireLines(code)) {
      const client = clients.get(line.client) ?? new Client(`ws://127.0.0.1:${server.httpPort}${file}`);
      clients.set(line.client, client);
      if (client.socket.readyState === WebSocket.CONNECTING) await once(client.socket, 'open');
      if (line.sent) {
        client.socket.send(line.text);
        continue;
      }
      const message = await client.next();
      expect(isAsShown(message, JSON.parse(line.text)), `${JSON.stringify(message)} is not ${line.text}`).toBe(true);
    }
    for (const { socket } of clients.values()) socket.close();
  });

  test.each(blocksOf('mermaid', text))('every message of a diagram is between its participants, and every block in it ends', ({ code }) => {
    const lines = code.trim().split('\n').map((line) => line.trim());
    const participants = lines.map((line) => /^participant (\w+) as \S/.exec(line)?.[1]).filter((name) => name !== undefined);
    expect(lines[0]).toBe('sequenceDiagram');
    for (const line of lines.slice(1)) expect(line).toMatch(/^(?:participant \w+ as |\w+-(?:->>|>>|-x)\w+: \S|Note over \w+(?:,\w+)?: \S|(?:opt|loop|par) \S|end$)/);
    for (const line of lines) for (const name of /^(\w+)-(?:->>|>>|-x)(\w+):/.exec(line)?.slice(1) ?? []) expect(participants).toContain(name);
    expect(lines.filter((line) => /^(?:opt|loop|par) /.test(line))).toHaveLength(lines.filter((line) => line === 'end').length);
    // A semicolon ends a line there.
    expect(code).not.toContain(';');
  });
});

test.each(PAGES.filter(({ text }) => text.includes('```http')))('the requests of $name are answered so', async ({ text }) => {
  let location = '';
  for (const { code } of blocksOf('http', text)) {
    const { method, path, headers, body, status, expectedHeaders, expectedBody } = httpExchange(code);
    const offer = body.startsWith('v=0') ? offerFor(path) : body;
    const response = await fetch(new URL(path.endsWith('…') ? location : path, server.url), { method, headers, ...(offer && { body: offer }) });
    const answer = await response.text();
    expect({ path, status: response.status }).toEqual({ path, status });
    for (const [name, value] of Object.entries(expectedHeaders)) expect(isAsShown(response.headers.get(name), value), `${name}: ${response.headers.get(name)}`).toBe(true);
    const isJson = expectedBody.startsWith('{');
    expect(isAsShown(isJson ? JSON.parse(answer) : answer, isJson ? JSON.parse(expectedBody) : expectedBody), answer).toBe(true);
    location = response.headers.get('location') ?? location;
  }
});
