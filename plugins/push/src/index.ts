import {
  type DataMessage,
  type Publication,
  type PublicationSource,
  type RtcDataChannel,
  type RtcTransport,
  createTransportSession,
  definePlugin,
  publisherIdentity,
  receiveCapabilities,
} from '@sluice/core';

/** Type `push`: takes a publisher's media in, for everybody who plays the stream. */
export default definePlugin(() => ({
  name: '@sluice/plugin-push',
  types: ['push'],
  capabilities: { access: 'publish', trickle: true },
  async negotiate(request, ctx) {
    const { codecs, keyframeCacheBytes } = ctx.pathSettings(request);
    const transport = ctx.engine.createTransport({ label: request.sessionId, keyframeCacheBytes });
    const source: PublicationSource = {
      sessionId: request.sessionId,
      query: request.query,
      identity: publisherIdentity(request),
      get silent() {
        return transport.state === 'disconnected';
      },
      get tracks() {
        return transport.inbound;
      },
      get channels() {
        return openChannels(transport).map(({ label }) => label);
      },
      deliver: (message, channel) => sendToPublisher(transport, message, channel),
      close: (reason) => void transport.close(reason),
    };

    try {
      const { vhost, app, stream } = request;
      const publication = ctx.streams.publish({ vhost, app, stream }, source);
      follow(transport, publication);
      transport.onDataChannel((channel) => {
        channel.onMessage((message) => publication.broadcast(message, channel.label));
      });
    } catch (error) {
      await transport.close('the stream is not free');
      throw error;
    }
    return createTransportSession({ transport, capabilities: receiveCapabilities({ codecs }) });
  },
}));

/** Who closes after a silence has vanished, and may come back. */
function follow(transport: RtcTransport, publication: Publication): void {
  let wasSilent = false;
  transport.onState((state, reason = 'the publisher left') => {
    if (state === 'connected') publication.live();
    if (state === 'closed' && wasSilent) publication.lost(reason);
    else if (state === 'closed') publication.end(reason);
    wasSilent = state === 'disconnected';
  });
}

/** By the channel of the same label, else by the first that is open; without one it is lost. */
function sendToPublisher(transport: RtcTransport, message: DataMessage, label: string): void {
  const open = openChannels(transport);
  const channel = open.find((candidate) => candidate.label === label) ?? open[0];
  channel?.send(message);
}

function openChannels({ dataChannels }: RtcTransport): readonly RtcDataChannel[] {
  return dataChannels.filter(({ open }) => open);
}
