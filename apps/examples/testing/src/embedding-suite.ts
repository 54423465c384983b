import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { play, publish } from './peers.ts';
import { runProgram } from './run-program.ts';

const DEADLINE = { timeout: 20_000, interval: 20 };
const TEST_TIMEOUT_MS = 30_000;

/** What an example of embedding starts: a route `/live` of the host, Sluice under `/media`. */
export interface EmbeddedServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Defines the tests that every host of Sluice must pass.
 * @param main the file that starts the example from the command line
 */
export function testEmbedding(start: (ports: { httpPort: number; rtcPort: number }) => Promise<EmbeddedServer>, main: URL): void {
  test('a publisher reaches a viewer, and the host knows of both', async () => {
    await using opened = new AsyncDisposableStack();
    const { url, close } = await start({ httpPort: 0, rtcPort: 0 });
    opened.defer(close);
    const publisher = opened.use(await publish(`${url}/media/whip/live/cam`));
    const viewer = opened.use(await play(`${url}/media/whep/live/cam`));
    for (const kind of ['audio', 'video']) {
      await expect.poll(() => viewer.peer.received.filter((packet) => packet.kind === kind).length, DEADLINE).toBeGreaterThan(10);
    }
    expect(await json(`${url}/live`)).toEqual([{ app: 'live', stream: 'cam', viewers: 1 }]);

    expect((await fetch(publisher.session, { method: 'DELETE' })).status).toBe(200);
    expect(await json(`${url}/live`)).toEqual([]);
  }, TEST_TIMEOUT_MS);

  test.each(['application/sdp', 'application/json', 'text/plain', 'application/x-www-form-urlencoded'])(
    'the host leaves a body of type %s to Sluice',
    async (type) => {
      await using opened = new AsyncDisposableStack();
      const { url, close } = await start({ httpPort: 0, rtcPort: 0 });
      opened.defer(close);
      const body = type === 'application/json' ? '{"sdp":"garbage"}' : 'sdp=garbage';
      const answer = await json(`${url}/media/index/api/webrtc?app=live&stream=cam&type=push`, { method: 'POST', body, headers: { 'content-type': type } });
      // The offer has come through and was looked at.
      expect(answer).toMatchObject({ code: -400, msg: expect.stringContaining('garbage') });
    },
  );

  test('when the HTTP port is taken, the UDP port is free again', async () => {
    await using opened = new AsyncDisposableStack();
    const rtcPort = await freeUdpPort();
    const other = await start({ httpPort: 0, rtcPort: 0 });
    opened.defer(other.close);
    await expect(start({ httpPort: Number(new URL(other.url).port), rtcPort })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const next = await start({ httpPort: 0, rtcPort });
    await next.close();
  });

  test('it runs from the command line until it is told to stop', async () => {
    await using program = await runProgram(main);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(program.firstLine)?.[0];
    expect((await fetch(`${url}/media/healthz`)).status).toBe(200);
    expect(await program.stop()).toBe(0);
  }, TEST_TIMEOUT_MS);
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

async function json(url: string, init?: RequestInit): Promise<unknown> {
  return (await fetch(url, init)).json();
}
