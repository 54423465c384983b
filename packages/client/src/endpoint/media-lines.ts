import type { EndpointOptions, Direction } from './options.ts';
import { encodingsOf } from './simulcast.ts';

/** What of the options says what the offer has to have. */
export type MediaLineOptions = Pick<EndpointOptions, 'audioEnable' | 'videoEnable' | 'simulcast' | 'maxBitrate' | 'codecs'>;

/** Adds to the offer what is sent, and what is received where that is not the same. */
export function addMediaLines(peer: RTCPeerConnection, direction: Direction, media: MediaStream | readonly MediaStreamTrack[] | undefined, options: MediaLineOptions): void {
  const tracks = media ? tracksOf(media) : [];
  if (direction === 'play' || tracks.length === 0) {
    for (const kind of kindsOf(options)) prefer(peer.addTransceiver(kind, { direction: 'recvonly' }), options.codecs);
    return;
  }
  const streams = media && 'getTracks' in media ? [media] : [];
  for (const track of tracks) {
    const sendEncodings = track.kind === 'video' ? encodingsOf(options.simulcast ?? false, options.maxBitrate) : [{}];
    prefer(peer.addTransceiver(track, { direction: direction === 'both' ? 'sendrecv' : 'sendonly', streams, sendEncodings }), options.codecs);
  }
}

export function tracksOf(media: MediaStream | readonly MediaStreamTrack[]): readonly MediaStreamTrack[] {
  return 'getTracks' in media ? media.getTracks() : media;
}

function kindsOf({ audioEnable = true, videoEnable = true }: MediaLineOptions): ('audio' | 'video')[] {
  return [...(audioEnable ? (['audio'] as const) : []), ...(videoEnable ? (['video'] as const) : [])];
}

/** Puts the named codecs first; the others stay, so that the server always finds one. */
function prefer(transceiver: RTCRtpTransceiver, names: readonly string[] | undefined): void {
  if (!names || names.length === 0 || typeof RTCRtpReceiver !== 'function') return;
  const codecs = RTCRtpReceiver.getCapabilities(transceiver.receiver.track.kind)?.codecs;
  if (!codecs) return;
  const wanted = names.map((name) => name.toLowerCase());
  const rankOf = ({ mimeType }: RTCRtpCodec): number => {
    const rank = wanted.indexOf(mimeType.replace(/^.*\//, '').toLowerCase());
    return rank < 0 ? wanted.length : rank;
  };
  transceiver.setCodecPreferences(codecs.toSorted((a, b) => rankOf(a) - rankOf(b)));
}
