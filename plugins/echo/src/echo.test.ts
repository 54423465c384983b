import { WebRtcPluginManager, deny } from '@sluice/core';
import { fakeEngine, sampleOffer, sampleRequest } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import echo from './index.ts';

async function createEcho() {
  const engine = fakeEngine();
  const manager = new WebRtcPluginManager({ engine });
  manager.registerPlugin(echo());
  await manager.ready();
  return { engine, manager, [Symbol.asyncDispose]: () => manager.close() };
}

test('every track goes back to where it came from', async () => {
  await using fixture = await createEcho();
  await fixture.manager.negotiateSdp('echo', sampleRequest({ offer: sampleOffer(['audio', 'video']) }));
  const { inbound, outbound, answered } = fixture.engine.lastTransport;
  expect(outbound.map(({ source }) => source)).toEqual(inbound);
  expect(outbound).toHaveLength(2);
  expect(answered?.capabilities.video?.direction).toBe('sendrecv');
});

test('messages go back on their own channel, text and bytes', async () => {
  await using fixture = await createEcho();
  await fixture.manager.negotiateSdp('echo', sampleRequest());
  const chat = fixture.engine.lastTransport.openDataChannel('chat');
  const other = fixture.engine.lastTransport.openDataChannel('other');
  chat.receive('hello');
  chat.receive(Uint8Array.of(1, 2, 3));
  expect(chat.sent).toEqual(['hello', Uint8Array.of(1, 2, 3)]);
  expect(other.sent).toEqual([]);
});

test('nobody is asked for access, and no stream is needed', async () => {
  await using fixture = await createEcho();
  fixture.manager.hook('publish', () => deny('must not be asked'));
  fixture.manager.hook('play', () => deny('must not be asked'));
  const { record } = await fixture.manager.negotiateSdp('echo', sampleRequest({ app: '', stream: '' }));
  expect(record).toMatchObject({ role: 'other', stream: undefined });
});

test('candidates reach the transport', async () => {
  await using fixture = await createEcho();
  const { record } = await fixture.manager.negotiateSdp('echo', sampleRequest());
  await record.session.trickle?.({ candidates: [{ candidate: '1 1 udp 1 192.0.2.1 5000 typ host' }] });
  expect(fixture.engine.lastTransport.candidates).toHaveLength(1);
});

test('an answer that fails leaves nothing open', async () => {
  await using fixture = await createEcho();
  fixture.manager.setListener(() => {
    fixture.engine.lastTransport.answerError = new Error('no');
  });
  await expect(fixture.manager.negotiateSdp('echo', sampleRequest())).rejects.toMatchObject({ code: 'PLUGIN_FAILED', plugin: '@sluice/plugin-echo' });
  expect(fixture.engine.transportCount).toBe(0);
});
