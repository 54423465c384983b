import { type DataMessage, MediaError, type RtcDataChannel } from '@sluice/core';
import { settle } from '@sluice/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { Event, RTCDataChannel, RTCSctpTransport } from 'werift';
import { type Side, carrier, eventually, side, withChecksum } from './association-pair.test.util.ts';
import { MAX_MESSAGE_SIZE, type SctpDataChannelsOptions } from './index.ts';

const open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

interface Pair {
  readonly server: Side;
  readonly client: Side;
}

function pair(options: { server?: Partial<SctpDataChannelsOptions>; client?: Partial<SctpDataChannelsOptions> } = {}): Pair {
  const server = side({ dtlsRole: 'server', ...options.server });
  const client = side({ dtlsRole: 'client', initiates: true, ...options.client });
  open.push(server.subject, client.subject);
  server.output = carrier((packet) => client.subject.receive(packet));
  client.output = carrier((packet) => server.subject.receive(packet));
  server.subject.start();
  client.subject.start();
  return { server, client };
}

/** A channel that is open on both sides. */
async function channelBetween({ server, client }: Pair, label = 'chat'): Promise<[RtcDataChannel, RtcDataChannel]> {
  const local = client.subject.open(label);
  const known = server.remote.length;
  await eventually(() => {
    expect(local.open).toBe(true);
    expect(server.remote).toHaveLength(known + 1);
  });
  return [local, server.remote[known]!];
}

function collect(channel: RtcDataChannel): DataMessage[] {
  const messages: DataMessage[] = [];
  channel.onMessage((message) => messages.push(message));
  return messages;
}

describe('messages', () => {
  const MESSAGES: readonly DataMessage[] = [
    'text',
    'größer 🙂',
    '',
    new Uint8Array([0, 1, 255]),
    new Uint8Array(0),
    'x'.repeat(200_000),
    Uint8Array.from({ length: 200_000 }, (_, i) => i % 251),
  ];

  test('come back from an echo as they were, in order', async () => {
    const both = pair();
    const [local, remote] = await channelBetween(both);
    remote.onMessage((message) => remote.send(message));
    const echoed = collect(local);
    for (const message of MESSAGES) expect(local.send(message)).toBe(true);

    await eventually(() => expect(echoed).toHaveLength(MESSAGES.length));
    expect(echoed).toEqual(MESSAGES);
    expect(echoed.filter((message) => message instanceof Buffer)).toEqual([]);
    await eventually(() => expect(local.bufferedAmount).toBe(0));
  });

  test('may be sent as soon as the peer has opened a channel', async () => {
    const { server, client } = pair({ server: { onChannel: (channel) => void channel.send(`welcome to ${channel.label}`) } });
    const local = client.subject.open('größe');
    const messages = collect(local);
    await eventually(() => expect(messages).toEqual(['welcome to größe']));
    expect(server.subject.channels).toHaveLength(1);
  });

  test('are not sent on a channel that is not open', async () => {
    const both = pair();
    const local = both.client.subject.open('chat');
    expect(local.open).toBe(false);
    expect(local.send('early')).toBe(false);
    await eventually(() => expect(local.open).toBe(true));
    local.close();
    expect(local.send('late')).toBe(false);
  });

  test('larger than the peer takes are refused and counted', async () => {
    const both = pair({ client: { remoteMaxMessageSize: 10 } });
    const [local] = await channelBetween(both);
    expect(local.send('ten bytes!')).toBe(true);
    expect(local.send('ten bytes!!')).toBe(false);
    expect(local.send('fünf ei ö')).toBe(false);
    expect(both.client.subject.dropped).toEqual({ tooLarge: 2 });
  });

  test('larger than we take are dropped and counted', async () => {
    const both = pair();
    const [local, remote] = await channelBetween(both);
    const received = collect(remote);
    local.send(new Uint8Array(MAX_MESSAGE_SIZE + 1));
    local.send('after');
    await eventually(() => expect(received).toEqual(['after']));
    expect(both.server.subject.dropped).toEqual({ oversized: 1 });
  });

  test('wait up to the bound when the network stands still; more are refused and counted', async () => {
    const both = pair({ client: { maxBufferedBytes: 100_000 } });
    const [local] = await channelBetween(both);
    both.client.output = () => undefined;
    const results = Array.from({ length: 30 }, () => local.send(new Uint8Array(10_000)));
    await settle();

    const accepted = results.filter(Boolean).length;
    expect(accepted).toBeGreaterThanOrEqual(10);
    expect(accepted).toBeLessThan(30);
    expect(results.lastIndexOf(true)).toBe(accepted - 1);
    expect(both.client.subject.dropped).toEqual({ queueFull: 30 - accepted });
    expect(local.bufferedAmount).toBeLessThanOrEqual(100_000);
  });

  test('more of them than the limit are dropped, however small; the rest arrive when the peer is back', async () => {
    const both = pair({ server: { maxBufferedMessages: 1000 } });
    const [local, remote] = await channelBetween(both);
    const received = collect(local);
    const { output } = both.client;
    both.client.output = () => undefined;
    const accepted: string[] = [];
    for (let index = 0; index < 100_000; index++) if (remote.send(String(index))) accepted.push(String(index));
    expect(accepted.length).toBeLessThan(2000);
    expect(both.server.subject.dropped).toEqual({ queueFull: 100_000 - accepted.length });
    both.client.output = output;
    await eventually(() => expect(received).toHaveLength(accepted.length), 20_000);
    expect(received).toEqual(accepted);
  });
});

describe('channels', () => {
  test('opened by both sides at once do not collide, as ids are odd for the server and even for the client', async () => {
    const { server, client } = pair();
    const labels = ['a', 'b', 'c'];
    for (const label of labels) {
      server.subject.open(`server ${label}`);
      client.subject.open(`client ${label}`);
    }
    await eventually(() => {
      expect(server.remote.map((channel) => channel.label)).toEqual(labels.map((label) => `client ${label}`));
      expect(client.remote.map((channel) => channel.label)).toEqual(labels.map((label) => `server ${label}`));
      expect(server.subject.channels.every((channel) => channel.open)).toBe(true);
    });
  });

  test('closed by one side are closed for the other, once', async () => {
    const both = pair();
    const [local, remote] = await channelBetween(both);
    const closed: string[] = [];
    local.onClosed(() => closed.push('local'));
    remote.onClosed(() => closed.push('remote'));
    local.close();
    local.close();

    await eventually(() => expect(closed.toSorted()).toEqual(['local', 'remote']));
    expect([local.open, remote.open]).toEqual([false, false]);
    expect([both.server.subject.channels, both.client.subject.channels]).toEqual([[], []]);
    remote.onClosed(() => closed.push('late'));
    expect(closed).toContain('late');
  });

  test('opened and closed in quick succession do not disturb each other', async () => {
    const both = pair();
    for (let i = 0; i < 10; i++) {
      const [local, remote] = await channelBetween(both, `channel ${i}`);
      const received = collect(remote);
      local.send('once');
      await eventually(() => expect(received).toEqual(['once']));
      local.close();
    }
    await eventually(() => expect([both.server.subject.channels, both.client.subject.channels]).toEqual([[], []]));
    expect(both.server.remote).toHaveLength(10);
  });

  test('over the bound are an error here', async () => {
    const { client } = pair({ client: { maxChannels: 2 } });
    client.subject.open('one');
    client.subject.open('two');
    expect(() => client.subject.open('three')).toThrow(expect.objectContaining({ code: 'SESSION_LIMIT' }) as MediaError);
  });

  test('over the bound are closed for the peer that opens them', async () => {
    const both = pair({ server: { maxChannels: 2 } });
    await channelBetween(both, 'one');
    await channelBetween(both, 'two');
    const refused = both.client.subject.open('three');
    let closed = false;
    refused.onClosed(() => {
      closed = true;
    });
    await eventually(() => expect(closed).toBe(true));
    expect(both.server.remote).toHaveLength(2);
    expect(both.server.subject.dropped).toEqual({ channelLimit: 1 });
  });

  test('are closed for both sides when the association is', async () => {
    const both = pair();
    const [local, remote] = await channelBetween(both);
    both.client.subject.close();
    both.client.subject.close();
    expect(local.open).toBe(false);
    await eventually(() => expect(remote.open).toBe(false));
    expect(() => both.client.subject.open('late')).toThrow(expect.objectContaining({ code: 'SESSION_CLOSED' }) as MediaError);
  });
});

describe('after close', () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

  const MOMENTS: [string, (both: Pair) => Promise<unknown>][] = [
    ['before the handshake', async () => undefined],
    ['in the handshake', (both) => eventually(() => expect(both.server.sent.length).toBeGreaterThan(0))],
    ['with data in flight', async (both) => (await channelBetween(both))[0].send('x'.repeat(200_000))],
  ];

  test.each(MOMENTS)('%s no timer and no packet is left', async (_name, until) => {
    const before = timers();
    const both = pair();
    await until(both);
    both.server.subject.close();
    both.client.subject.close();
    const sent = [both.server.sent.length, both.client.sent.length];
    for (let i = 0; i < 20; i++) await settle();

    expect(timers()).toBeLessThanOrEqual(before);
    expect([both.server.sent.length, both.client.sent.length]).toEqual(sent);
  });

  test('a packet that is still being worked on does not bring the association back', async () => {
    const before = timers();
    const both = pair();
    let cookieEcho: Buffer | undefined;
    both.client.output = carrier((packet) => {
      if (packet[12] === 10) cookieEcho = packet;
      else both.server.subject.receive(packet);
    });
    await eventually(() => expect(cookieEcho).toBeDefined());
    both.server.subject.receive(cookieEcho!);
    both.server.subject.close();
    both.client.subject.close();
    for (let i = 0; i < 20; i++) await settle();
    expect(timers()).toBeLessThanOrEqual(before);
  });
});

test('a late INIT does not disturb an association', async () => {
  const both = pair();
  const [local, remote] = await channelBetween(both);
  const received = collect(remote);
  local.send('before');
  await eventually(() => expect(received).toEqual(['before']));
  both.server.subject.receive(both.client.sent[0]!);
  // More than the congestion window, so that acknowledgements are needed.
  local.send('x'.repeat(200_000));
  await eventually(() => expect(received.map((message) => message.length)).toEqual([6, 200_000]));
});

test('messages of an unknown kind, and answers that nobody asked for, are ignored', async () => {
  const both = pair();
  const [local, remote] = await channelBetween(both);
  const received = collect(remote);
  local.send('a message to copy');
  await eventually(() => expect(received).toHaveLength(1));
  const model = both.client.sent.findLast(isData)!;
  both.server.subject.receive(forgedMessage(model, 1, { streamId: 0, payloadProtocol: 99 }));
  both.server.subject.receive(forgedMessage(model, 2, { streamId: 500, payloadProtocol: 50 }));
  both.server.subject.receive(forgedMessage(model, 3, { streamId: 500, payloadProtocol: 51 }));
  // A rejected promise fails the run.
  for (let i = 0; i < 5; i++) await settle();
  expect(remote.open).toBe(true);
  expect(received).toHaveLength(1);
});

test('a peer that ignores the receive window loses its channels instead of filling the memory', async () => {
  const both = pair();
  const [local, remote] = await channelBetween(both);
  local.send('a message to copy');
  await eventually(() => expect(both.client.sent.some(isData)).toBe(true));
  const model = both.client.sent.findLast(isData)!;
  both.server.output = () => undefined;
  for (let i = 1; i <= 1300; i++) {
    both.server.subject.receive(endlessFragment(model, i));
    await settle();
  }

  await eventually(() => expect(remote.open).toBe(false));
  expect(both.server.subject.channels).toEqual([]);
});

const isData = (packet: Buffer): boolean => packet[12] === 0 && packet.length > 28;

/** A whole message of one byte, a DATA_CHANNEL_ACK if the protocol is DCEP, that comes `index` TSNs after another. */
function forgedMessage(model: Buffer, index: number, { streamId, payloadProtocol }: { streamId: number; payloadProtocol: number }): Buffer {
  const packet = Buffer.alloc(12 + 20);
  model.copy(packet, 0, 0, 28);
  packet.writeUInt8(0b11, 13);
  packet.writeUInt16BE(17, 14);
  packet.writeUInt32BE((model.readUInt32BE(16) + index) >>> 0, 16);
  packet.writeUInt16BE(streamId, 20);
  packet.writeUInt16BE(streamId === model.readUInt16BE(20) ? model.readUInt16BE(22) + 1 : 0, 22);
  packet.writeUInt32BE(payloadProtocol, 24);
  packet.writeUInt8(2, 28);
  return withChecksum(packet);
}

/** The `index`th fragment of a message that never ends. */
function endlessFragment(model: Buffer, index: number): Buffer {
  const packet = Buffer.alloc(12 + 16 + 1000);
  model.copy(packet, 0, 0, 28);
  packet.writeUInt8(index === 1 ? 0b10 : 0, 13);
  packet.writeUInt16BE(16 + 1000, 14);
  packet.writeUInt32BE((model.readUInt32BE(16) + index) >>> 0, 16);
  packet.writeUInt16BE(model.readUInt16BE(22) + 1, 22);
  return withChecksum(packet);
}

describe('with werift as the peer', () => {
  /** werift's own transport, over the same wire. */
  function weriftPeer(ours: Side): RTCSctpTransport {
    const dtls = {
      id: 'test',
      iceTransport: { role: 'controlling' },
      state: 'connected',
      onStateChange: new Event(),
      // werift takes it away when it stops.
      dataReceiver: undefined as ((packet: Buffer) => void) | undefined,
      sendData: async (packet: Buffer): Promise<void> => deliver(packet),
    };
    const deliver = carrier((packet) => ours.subject.receive(packet));
    const transport = new RTCSctpTransport(5000, 262_144);
    transport.setDtlsTransport(dtls as unknown as Parameters<RTCSctpTransport['setDtlsTransport']>[0]);
    transport.setRemoteMaxMessageSize(0);
    ours.output = carrier((packet) => dtls.dataReceiver?.(packet));
    open.push({ close: () => void transport.stop() });
    return transport;
  }

  test('channels of either side carry text and bytes', async () => {
    const ours = side({ dtlsRole: 'server' });
    open.push(ours.subject);
    const theirs = weriftPeer(ours);
    const fromUs: RTCDataChannel[] = [];
    const theyReceived: unknown[] = [];
    theirs.onDataChannel.subscribe((channel) => {
      fromUs.push(channel);
      channel.onMessage.subscribe((message) => theyReceived.push(message));
    });
    ours.subject.start();
    await theirs.start(5000);

    const local = ours.subject.open('größe');
    await eventually(() => expect(local.open).toBe(true));
    local.send('hello');
    local.send('');
    local.send(new Uint8Array([1, 2, 3]));
    await eventually(() => expect(theyReceived).toEqual(['hello', '', Buffer.from([1, 2, 3])]));
    expect(fromUs.map((channel) => [channel.label, channel.id])).toEqual([['größe', 1]]);

    const received = collect(local);
    fromUs[0]?.send('x'.repeat(200_000));
    fromUs[0]?.send(Buffer.from([9]));
    await eventually(() => expect(received).toEqual(['x'.repeat(200_000), new Uint8Array([9])]));
  });
});
