import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseConfig } from '@sluice/config';
import { definePlugin, silentLogger } from '@sluice/core';
import { fakeEngine, sampleOffer } from '@sluice/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../server.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status?: { readonly code?: number };
}

/** An OTLP/HTTP receiver that keeps what comes, in JSON. */
async function receiver() {
  const spans: ReceivedSpan[] = [];
  const paths: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      paths.push(request.url ?? '');
      authorizations.push(request.headers.authorization);
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      for (const resource of body.resourceSpans) for (const scope of resource.scopeSpans) spans.push(...scope.spans);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, paths, authorizations };
}

async function start(tracing: object) {
  const engine = fakeEngine();
  const seen: (string | undefined)[] = [];
  const probe = definePlugin(() => ({ name: 'probe', hooks: { publish: ({ trace }) => void seen.push(trace?.traceparent) } }))();
  const config = parseConfig({ http: { port: 0 }, rtc: { port: 0 }, demo: false, tracing, plugins: [probe] });
  const server = await startServer(config, { logger: silentLogger, createEngine: async () => engine });
  onTestFinished(() => server.close());
  const publish = (headers: Record<string, string> = {}, stream = 'cam') =>
    fetch(`${server.url}/whip/live/${stream}`, { method: 'POST', headers: { 'content-type': 'application/sdp', ...headers }, body: sampleOffer() });
  return { ...server, engine, seen, publish };
}

test('a request is one trace from its caller to the connected peer, and hooks can pass it on', async () => {
  const { url, spans, paths, authorizations } = await receiver();
  const server = await start({ endpoint: url, authorization: 'Bearer abc' });
  expect((await server.publish({ traceparent: `00-${TRACE_ID}-${CALLER}-01` })).status).toBe(201);
  server.engine.lastTransport.setState('connected');
  await server.close();
  const byName = new Map(spans.map((span) => [span.name, span]));
  const root = byName.get('negotiate');
  expect(root).toMatchObject({ traceId: TRACE_ID, parentSpanId: CALLER });
  for (const name of ['hook publish', 'plugin negotiate', 'create answer', 'connect']) {
    expect(byName.get(name)).toMatchObject({ traceId: TRACE_ID, parentSpanId: root?.spanId });
  }
  expect(server.seen[0]).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`));
  expect(spans.map(({ spanId }) => spanId)).toContain(server.seen[0]?.split('-')[2]);
  expect(new Set(paths)).toEqual(new Set(['/v1/traces']));
  expect(new Set(authorizations)).toEqual(new Set(['Bearer abc']));
});

test('what failed is marked, and what a caller does not sample is not recorded', async () => {
  const { url, spans } = await receiver();
  const server = await start({ endpoint: url });
  await server.publish({ traceparent: `00-${'a'.repeat(32)}-${CALLER}-00` });
  expect((await server.publish()).status).toBe(409);
  expect((await server.publish({}, 'other')).status).toBe(201);
  server.engine.lastTransport.setState('closed', 'the peer did not connect');
  await server.close();
  expect(spans.filter(({ traceId }) => traceId === 'a'.repeat(32))).toEqual([]);
  expect(spans.filter(({ status }) => status?.code === 2).map(({ name }) => name)).toEqual(['plugin negotiate', 'negotiate', 'connect']);
});

test('a ratio of 0 records nothing, whatever callers say, and a collector that is gone holds nothing up', async () => {
  const { url, spans } = await receiver();
  const server = await start({ endpoint: url, sampleRatio: 0 });
  await server.publish({ traceparent: `00-${TRACE_ID}-${CALLER}-01` });
  await server.close();
  expect(spans).toEqual([]);
  const lonely = await start({ endpoint: 'http://127.0.0.1:9' });
  expect((await lonely.publish()).status).toBe(201);
  await lonely.close();
});

test('nothing of the SDK is loaded without an endpoint', () => {
  const program = `
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => (url.includes('/@opentelemetry/sdk-trace/') && console.log(url), next(url, context)) });
    const { startTracing } = await import('${new URL('start-tracing.ts', import.meta.url).href}');
    await import('${new URL('../server.ts', import.meta.url).href}');
    await startTracing({}, {});
    console.log('off');
    await startTracing({ endpoint: 'http://127.0.0.1:9', sampleRatio: 1, serviceName: 'x' }, {});
    process.exit(0);`;
  const lines = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }).trim().split('\n');
  expect(lines[0]).toBe('off');
  expect(lines.length).toBeGreaterThan(1);
});
