import { ERROR_CODES, type ErrorCode, MediaError } from '@sluice/core';
import { describe, expect, test } from 'vitest';
import { OFFER, createFixture } from '../testing/fixture.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** What the ZLMediaKit API says where it does not say -400 and the error's own words. */
const ZLM: Partial<Record<ErrorCode, { code?: number; msg?: string }>> = {
  ARGUMENT_MISSING: { code: -300 },
  ARGUMENT_INVALID: { code: -300 },
  TYPE_UNKNOWN: { msg: 'the type can not supported' },
  STREAM_BUSY: { msg: 'already publishing' },
  STREAM_NOT_FOUND: { msg: 'stream not found' },
  SESSION_NOT_FOUND: { code: -500, msg: 'id not found' },
  SESSION_CLOSED: { code: -500 },
  PLUGIN_NOT_FOUND: { code: -500 },
  DEAD_LETTER_NOT_FOUND: { code: -500 },
  CONFIG_UNAVAILABLE: { code: -500 },
  ENGINE_UNAVAILABLE: { code: -500 },
  SECRET_INCORRECT: { code: -100 },
  LAYER_UNKNOWN: { code: -300 },
  TOKEN_INCORRECT: { code: -100, msg: 'token incorrect' },
};

/** An app in which every session fails with `error`. */
async function failing(error: Error) {
  const fixture = await createFixture();
  fixture.manager.setListener(() => {
    throw error;
  });
  return fixture;
}

describe.each(CODES)('%s', (code) => {
  const error = new MediaError(code, 'in these words', { cause: new Error('/srv/app/secret.ts:1') });

  test('on /index/api/webrtc: HTTP 200, integer code, msg', async () => {
    await using fixture = await failing(error);
    const response = await fixture.app.request('/index/api/webrtc?app=a&stream=b&type=push', { method: 'POST', body: OFFER });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ code: -400, msg: 'in these words', ...ZLM[code] });
  });

  test.each([
    { api: '/index/api/whip', path: '/index/api/whip?app=a&stream=b' },
    { api: '/whip', path: '/whip/a/b' },
  ])('on $api: the status and a problem document', async ({ path }) => {
    await using fixture = await failing(error);
    const headers = { 'content-type': 'application/sdp' };
    const response = await fixture.app.request(path, { method: 'POST', body: OFFER, headers });
    const status = code === 'ICE_RESTART_UNSUPPORTED' ? 501 : ERROR_CODES[code];
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
    expect(response.headers.has('retry-after')).toBe(status === 503);
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: 'in these words',
      code,
    });
  });
});

test('a code that this version does not know becomes INTERNAL, and its words stay inside', async () => {
  const foreign = Object.assign(new Error('/srv/app/secret.ts'), { name: 'MediaError', code: 'FROM_THE_FUTURE', status: 418 });
  await using fixture = await createFixture({
    prepare: (manager) => void manager.registerPlugin('fail', () => Promise.reject(foreign)),
  });
  const response = await fixture.app.request('/index/api/webrtc?app=a&stream=b&type=fail', { method: 'POST', body: OFFER });
  expect(JSON.stringify(await response.json())).not.toContain('/srv');
});
