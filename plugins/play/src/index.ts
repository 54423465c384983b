import {
  type DataMessage,
  MediaError,
  type PluginContext,
  type PluginRequest,
  type RtcDataChannel,
  type RtcTransport,
  type Stream,
  createTransportSession,
  definePlugin,
  metrics,
  sendCapabilities,
} from '@sluice/core';
import { CONTROL_LABEL, parseLayerRequest } from './layer-request.ts';
import { WithheldMessages } from './withheld-messages.ts';

/** Type `play`: sends a stream to a viewer, and waits for it when nobody publishes it yet. */
export default definePlugin(() => {
  let withheld: WithheldMessages | undefined;
  return {
    name: '@sluice/plugin-play',
    types: ['play'],
    capabilities: { access: 'play', trickle: true, offers: true },
    setup(ctx) {
      withheld = new WithheldMessages(ctx.logger);
      ctx.contribute(metrics, withheld);
    },
    async negotiate(request, ctx) {
      const stream = await ctx.streams.waitFor(request, request.signal);
      const transport = ctx.engine.createTransport({ label: request.sessionId });
      try {
        watch(stream, transport, request.sessionId);
        sendTracks(stream, transport, request.params['layer'] || undefined);
        forwardInput({ stream, transport, request, ctx, onWithheld: withheld?.ofSession(request.sessionId) });
      } catch (error) {
        await transport.close('the stream cannot be sent');
        throw error;
      }
      const { codecs } = ctx.pathSettings(request);
      return createTransportSession({ transport, capabilities: sendCapabilities({ codecs, wishes: request.wishes }) });
    },
  };
});

/** @param layer of the video that the viewer wants at most */
function sendTracks(stream: Stream, transport: RtcTransport, layer: string | undefined): void {
  for (const track of stream.tracks) transport.send(track, track.kind === 'video' ? { layer } : {});
}

/** Counts the viewer in until its transport closes, sends it the tracks of who takes the stream over, and closes it when the stream ends. */
function watch(stream: Stream, transport: RtcTransport, sessionId: string): void {
  const leave = stream.addReader({
    sessionId,
    onMessage: (message, channel) => sendToViewer(transport, message, channel),
    onTracks: (tracks) => tracks.forEach((track) => transport.send(track)),
    onEnded: (reason) => void transport.close(reason),
  });
  transport.onState((state) => {
    if (state === 'closed') leave();
  });
}

/** A viewer whose messages are passed on. */
interface InputPath {
  readonly stream: Stream;
  readonly transport: RtcTransport;
  readonly request: PluginRequest;
  readonly ctx: PluginContext;
  /** Called for each message that is not passed on. */
  readonly onWithheld: (() => void) | undefined;
}

/** A viewer's messages go to the publisher and to whoever listens at the `input` hook point, if it may control the stream. */
function forwardInput({ stream, transport, request, ctx, onWithheld }: InputPath): void {
  transport.onDataChannel((channel) => {
    channel.onMessage((message) => {
      if (channel.label === CONTROL_LABEL && answerControl(transport, channel, message)) return;
      if (request.grant.control === false) return onWithheld?.();
      stream.deliver(message, channel.label);
      ctx.notify('input', { stream: stream.key, sessionId: request.sessionId, channel: channel.label, message });
    });
  });
}

/** @returns whether the message was for the server */
function answerControl(transport: RtcTransport, channel: RtcDataChannel, message: DataMessage): boolean {
  const asked = parseLayerRequest(message);
  if (!asked) return false;
  try {
    for (const track of transport.outbound) if (track.kind === 'video') track.limitLayer(asked.layer);
    channel.send(JSON.stringify({ type: 'layer', layer: asked.layer ?? null }));
  } catch (error) {
    if (!MediaError.is(error)) throw error;
    channel.send(JSON.stringify({ type: 'error', code: error.code, message: error.message }));
  }
  return true;
}

/** By the channel of the same label, else by every channel that is open. */
function sendToViewer(transport: RtcTransport, message: DataMessage, label: string): void {
  const open = transport.dataChannels.filter((channel) => channel.open);
  const sameLabel = open.filter((channel) => channel.label === label);
  for (const channel of sameLabel.length > 0 ? sameLabel : open) channel.send(message);
}
