import { systemClock } from '@sluice/core';
import { fakeEngine } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import { connect } from './connect.ts';
import { completeOptions } from './options.ts';

const ANSWER = 'v=0\r\na=candidate:1 1 udp 1 10.0.0.1 8000 typ host\r\na=candidate:2 1 udp 1 8.8.8.8 8000 typ srflx\r\n';

test.each([
  [true, ANSWER],
  [false, ANSWER.replace(/a=candidate:1.*\r\n/, '')],
])('with privateAddresses %s the transport is given those candidates that it may send to', async (privateAddresses, accepted) => {
  const engine = fakeEngine();
  let open = 0;
  const openClient = () => {
    open += 1;
    const fetch = async () => new Response(ANSWER, { status: 201, headers: { 'content-type': 'application/sdp' } });
    return { fetch, close: async () => void (open -= 1) };
  };
  const attempt = connect({
    engine, clock: systemClock, openClient, settings: completeOptions({ privateAddresses }), source: { whep: 'https://origin.example/whep/live/a' }, path: {}, label: 'a', signal: new AbortController().signal,
  });
  // The fake has no tracks, so that every attempt ends here.
  await expect(attempt).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  expect(engine.transports.map((transport) => transport.accepted)).toEqual([[accepted]]);
  expect(open).toBe(0);
});
