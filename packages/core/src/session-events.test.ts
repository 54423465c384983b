import { expect, test } from 'vitest';
import { readyManager, rejectionOf, sampleRequest, settle } from './testing/index.ts';
import { receiveCapabilities } from './capabilities.ts';
import { definePlugin } from './plugin.ts';
import { createTransportSession } from './transport-session.ts';

const push = definePlugin(() => ({
  name: 'push',
  types: ['push'],
  capabilities: { access: 'publish' },
  negotiate: (_request, ctx) => createTransportSession({ transport: ctx.engine.createTransport(), capabilities: receiveCapabilities() }),
}));

async function setUp() {
  const test = await readyManager([push()]);
  const told: string[] = [];
  test.manager.hook('session-opened', ({ sessionId, type, role }) => void told.push(`${sessionId} opened ${type} ${role}`));
  test.manager.hook('session-state', ({ sessionId, state }) => void told.push(`${sessionId} ${state}`));
  test.manager.hook('session-closed', ({ sessionId, reason }) => void told.push(`${sessionId} closed: ${reason}`));
  return { ...test, told };
}

test('tells the way of a session from its answer to its end, once each', async () => {
  const { manager, engine, told } = await setUp();
  const { record } = await manager.negotiateSdp('push', sampleRequest());
  const transport = engine.lastTransport;
  for (const state of ['connecting', 'connected', 'disconnected', 'connected'] as const) transport.setState(state);
  transport.setState('closed', 'silent for too long');
  await settle();
  const { id } = record;
  expect(told).toEqual([
    `${id} opened push publisher`,
    `${id} connected`,
    `${id} disconnected`,
    `${id} connected`,
    `${id} closed: silent for too long`,
  ]);
  await manager.close();
});

test('tells nothing of a session that never got its answer', async () => {
  const { manager, engine, told } = await setUp();
  engine.answerError = new Error('no');
  await rejectionOf(manager.negotiateSdp('push', sampleRequest()));
  await settle();
  expect(told).toEqual([]);
  await manager.close();
});
