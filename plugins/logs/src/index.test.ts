import { type WebSocketConnection, WebRtcPluginManager, webSocketEndpoints } from '@sluice/core';
import { FakeClock, fakeEngine } from '@sluice/core/testing';
import { expect, test } from 'vitest';
import logs from './index.ts';

/** A connection whose client says what `receive` is given, until it is closed. */
function fakeConnection(onClosed: () => void) {
  const handlers: ((text: string) => void)[] = [];
  const connection = {
    credentials: {},
    send: () => true,
    close: onClosed,
    probe: async () => true,
    onMessage: (handler: (text: string) => void) => void handlers.push(handler),
    onClose: () => undefined,
  } as unknown as WebSocketConnection;
  return { connection, receive: (message: object) => handlers.forEach((handler) => handler(JSON.stringify(message))) };
}

test('clients go before the history does, so that none begins another recording', async () => {
  const engine = fakeEngine();
  const manager = new WebRtcPluginManager({ engine, clock: new FakeClock() });
  manager.registerPlugin(logs({ history: { enabled: true } }));
  await manager.ready();
  const ended: string[] = [];
  const { connection, receive } = fakeConnection(() => ended.push('client'));
  manager.contributions(webSocketEndpoints)[0]!.value.open(connection);
  receive({ type: 'register', role: 'producer', client_id: 'p' });
  receive({ type: 'webrtc_offer', to: 'sluice-history', sdp: 'v=0' });
  engine.lastTransport.onState((state) => ended.push(state));
  await manager.close();
  expect(ended.filter((what) => what !== 'connecting')).toEqual(['client', 'closed']);
});
