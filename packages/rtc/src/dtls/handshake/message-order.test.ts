import { expect, test } from 'vitest';
import { ALERT } from '../alert.ts';
import { FROM_CLIENT, FROM_SERVER, MessageOrder } from './message-order.ts';
import { HANDSHAKE_TYPE } from './message.ts';

const { clientHello, serverHello, helloVerifyRequest, certificate, serverKeyExchange, serverHelloDone, clientKeyExchange, certificateVerify, finished } = HANDSHAKE_TYPE;
const ORDERS = { client: FROM_CLIENT, server: FROM_SERVER };

function send(peer: 'client' | 'server', types: readonly number[]): void {
  const order = new MessageOrder(ORDERS[peer]);
  for (const type of types.slice(0, -1)) order.advance(type);
  order.advance(types.at(-1)!);
}

test.each([
  ['client', [clientHello, certificate, clientKeyExchange, certificateVerify, finished]],
  ['server', [helloVerifyRequest, serverHello, certificate, serverKeyExchange, serverHelloDone, finished]],
  ['server', [serverHello, certificate, serverKeyExchange, serverHelloDone, finished]],
] as const)('a %s may send %j', (peer, types) => {
  expect(() => send(peer, types)).not.toThrow();
});

test.each([
  ['without its certificate', 'client', [clientHello, clientKeyExchange]],
  ['without proof of its key', 'client', [clientHello, certificate, clientKeyExchange, finished]],
  ['with a second certificate', 'client', [clientHello, certificate, certificate]],
  ['with a second hello', 'client', [clientHello, clientHello]],
  ['with a message of the other side', 'client', [clientHello, serverHello]],
  ['with something after its end', 'client', [clientHello, certificate, clientKeyExchange, certificateVerify, finished, clientHello]],
  ['without its key exchange', 'server', [serverHello, certificate, serverHelloDone]],
  ['with a second request for a cookie', 'server', [helloVerifyRequest, helloVerifyRequest]],
  ['with a second hello', 'server', [serverHello, serverHello]],
  ['of no known type', 'server', [99]],
] as const)('a handshake %s is out of turn for a %s', (_what, peer, types) => {
  const order = new MessageOrder(ORDERS[peer]);
  for (const type of types.slice(0, -1)) order.advance(type);
  expect(() => order.advance(types.at(-1)!)).toThrow(expect.objectContaining({ alert: ALERT.unexpected_message }));
});
