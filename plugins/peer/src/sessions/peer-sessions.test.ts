import { type Negotiations, silentLogger } from '@sluice/core';
import { fakeSession, rejectionOf } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { PeerSessions } from './peer-sessions.ts';

/** Sessions of a manager that makes one at once whenever it is asked. */
function createSessions() {
  const accepted: string[] = [];
  let made = 0;
  const offerSdp = async () => {
    made += 1;
    return { sdp: `offer ${made}`, record: { id: `s${made}`, session: fakeSession() } };
  };
  const negotiations = { offerSdp, acceptSdp: async (id: string, sdp: string) => void accepted.push(`${id} ${sdp}`), closeSession: async () => undefined } as unknown as Negotiations;
  const sessions = new PeerSessions({ negotiations, logger: silentLogger, onOpened: () => undefined, onEnded: () => undefined });
  const view = () => sessions.view({ app: 'live', stream: 'desk' }, {});
  return { sessions, view, accepted };
}

test('the answer to an offer that another one has replaced is not taken for the answer to that', async () => {
  const { sessions, view, accepted } = createSessions();
  await view();
  await view();
  expect(await rejectionOf(sessions.answer('late', 's1'))).toMatchObject({ code: 'SESSION_REQUIRED' });
  await sessions.answer('in time', 's2');
  expect(accepted).toEqual(['s2 in time']);
});
