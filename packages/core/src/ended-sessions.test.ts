import { expect, it } from 'vitest';
import { EndedSessions } from './ended-sessions.ts';
import { ManagerSettings } from './manager-options.ts';
import type { EndedSession } from './session.ts';
import { FakeClock } from './testing/fake-clock.ts';

function setUp() {
  const clock = new FakeClock();
  const ended = new EndedSessions(new ManagerSettings({ clock, limits: { maxEndedSessions: 3, endedSessionMs: 1000 } }));
  const end = (id: string): void => ended.add({ id, endedAt: clock.now() } as EndedSession);
  return { clock, ended, end, ids: () => ended.list().map(({ id }) => id) };
}

it('keeps so many, the last one first', () => {
  const { ended, end, ids } = setUp();
  for (const id of ['a', 'b', 'c', 'd']) end(id);
  expect(ids()).toEqual(['d', 'c', 'b']);
  expect(ended.find('a')).toBeUndefined();
  expect(ended.find('b')?.id).toBe('b');
});

it('keeps them so long', async () => {
  const { clock, ended, end, ids } = setUp();
  end('a');
  await clock.advance(600);
  end('b');
  await clock.advance(400);
  expect(ended.find('a')).toBeUndefined();
  expect(ids()).toEqual(['b']);
});
