import { definePlugin } from '@sluice/core';
import { type FakeSession, fakeSession, readyManager, sampleRequest, settle } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { drain } from './drain.ts';

async function setUp() {
  const sessions: FakeSession[] = [];
  const push = definePlugin(() => ({
    name: 'push',
    types: ['push'],
    capabilities: { access: 'publish' },
    negotiate() {
      const session = fakeSession();
      sessions.push(session);
      return session;
    },
  }));
  const { manager, clock, logger } = await readyManager([push()]);
  await manager.negotiateSdp('push', sampleRequest());
  let isOver = false;
  void drain({ manager, logger, drainMs: 5_000, clock }).then(() => (isOver = true));
  return { clock, sessions, isOver: () => isOver };
}

test('is over when the last session has ended', async () => {
  const { sessions, isOver } = await setUp();
  await settle();
  expect(isOver()).toBe(false);
  await sessions[0]?.close('seen enough');
  await settle();
  expect(isOver()).toBe(true);
});

test('is over at its deadline', async () => {
  const { clock, sessions, isOver } = await setUp();
  await clock.advance(4_999);
  expect(isOver()).toBe(false);
  await clock.advance(1);
  expect(isOver()).toBe(true);
  expect(sessions[0]?.closed).toBe(false);
});
