import { MemoryLogger } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { OFFER, createFixture } from '../testing/fixture.ts';

const publish = (id?: string): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/sdp', ...(id !== undefined && { 'x-request-id': id }) }, body: OFFER });

test.each(['abc-123', '4bf92f35:77b3', 'a'.repeat(128)])('the name %s that a proxy gave a request stays', async (id) => {
  await using fixture = await createFixture();
  expect((await fixture.app.request('/healthz', { headers: { 'x-request-id': id } })).headers.get('x-request-id')).toBe(id);
});

test.each([undefined, '', 'a b', '"}\\n{"level":60', 'a'.repeat(129), '<script>'])('instead of %j a request gets a name of its own', async (id) => {
  await using fixture = await createFixture();
  const response = await fixture.app.request('/nothing', id === undefined ? {} : { headers: { 'x-request-id': id } });
  expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('the name stands in the lines about the request, and hooks are told it', async () => {
  const logger = new MemoryLogger();
  let seen: string | undefined;
  await using fixture = await createFixture({ http: { logger }, prepare: (manager) => void manager.hook('publish', ({ requestId }) => void (seen = requestId)) });
  await fixture.app.request('/whip/live/cam?token=hush', publish('abc-1'));
  expect(seen).toBe('abc-1');
  const line = logger.lines.find(({ fields }) => fields['requestId'] === 'abc-1');
  expect(line).toMatchObject({ level: 'debug', message: 'POST /whip/live/cam 201', fields: { status: 201 } });
});
