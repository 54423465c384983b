import type { BitrateHints, CodecCapability, HeaderExtensionCapability, KindCapabilities, MediaCapabilities } from './media.ts';
import type { OfferWishes } from './manager-types.ts';
import type { CodecChoice } from './path-settings.ts';

/** URIs of the RTP header extensions that Sluice knows. */
export const HEADER_EXTENSIONS = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  transportWideCc: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  absSendTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  absCaptureTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  videoOrientation: 'urn:3gpp:video-orientation',
  playoutDelay: 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  dependencyDescriptor: 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
} as const;

/** RED (RFC 2198) comes behind opus; a publisher that offers it first is answered it first. */
const AUDIO_CODECS: readonly CodecCapability[] = [{ name: 'opus' }, { name: 'red', clockRate: 48_000 }, { name: 'PCMU' }, { name: 'PCMA' }, { name: 'G722' }];

const VIDEO_CODECS: readonly CodecCapability[] = [
  { name: 'VP8' },
  // A browser that publishes sends the first profile of the answer, and Constrained Baseline is what every viewer takes.
  { name: 'H264', parameters: { 'packetization-mode': '1', 'profile-level-id': '42e034' } },
  { name: 'H264', parameters: { 'packetization-mode': '1' } },
  { name: 'VP9' },
  { name: 'AV1' },
  { name: 'H265' },
];

const AUDIO_EXTENSIONS: readonly HeaderExtensionCapability[] = [
  { uri: HEADER_EXTENSIONS.mid },
  { uri: HEADER_EXTENSIONS.audioLevel },
  { uri: HEADER_EXTENSIONS.absCaptureTime },
];

const VIDEO_EXTENSIONS: readonly HeaderExtensionCapability[] = [
  { uri: HEADER_EXTENSIONS.mid },
  { uri: HEADER_EXTENSIONS.absCaptureTime },
  { uri: HEADER_EXTENSIONS.videoOrientation },
  { uri: HEADER_EXTENSIONS.playoutDelay },
  { uri: HEADER_EXTENSIONS.dependencyDescriptor },
];

/** Of the two a peer is answered the first that it offers. */
const CONGESTION_EXTENSIONS: readonly HeaderExtensionCapability[] = [{ uri: HEADER_EXTENSIONS.transportWideCc }, { uri: HEADER_EXTENSIONS.absSendTime }];
const CONGESTION_FEEDBACK = ['transport-cc', 'goog-remb'] as const;
const LAYER_IDS: readonly HeaderExtensionCapability[] = [{ uri: HEADER_EXTENSIONS.rid }, { uri: HEADER_EXTENSIONS.repairedRid }];
const VIDEO_FEEDBACK = ['nack', 'nack pli', 'ccm fir'] as const;

/**
 * What a plugin that takes media in needs: `recvonly`, congestion feedback, simulcast.
 * Without bitrate hints of its own, the engine's stand in the answer. `codecs` restricts and orders those of the answer.
 */
export function receiveCapabilities(options: { readonly bitrate?: BitrateHints; readonly codecs?: CodecChoice | undefined } = {}): MediaCapabilities {
  return kindsOf('recvonly', { bitrate: options.bitrate, simulcast: true }, options.codecs);
}

/**
 * What a plugin that sends a stream needs: `sendonly`, congestion feedback. `codecs` restricts and orders those of the
 * answer; `wishes` of a client that waits for an offer choose among them.
 */
export function sendCapabilities(options: { readonly codecs?: CodecChoice | undefined; readonly wishes?: OfferWishes | undefined } = {}): MediaCapabilities {
  const { audio, video, ...rest } = kindsOf('sendonly', {}, options.codecs);
  const { wishes = {} } = options;
  return { ...rest, audio: wishes.audio === false ? undefined : preferring(audio, wishes.codecs), video: wishes.video === false ? undefined : preferring(video, wishes.codecs) };
}

/** The codecs of these names come first, in the order of the names. */
function preferring(kind: KindCapabilities | undefined, names: readonly string[] = []): KindCapabilities | undefined {
  if (!kind) return undefined;
  const ranks = new Map(names.map((name, index) => [name.toLowerCase(), index]));
  const rankOf = ({ name }: CodecCapability): number => ranks.get(name.toLowerCase()) ?? names.length;
  return { ...kind, codecs: kind.codecs.toSorted((left, right) => rankOf(left) - rankOf(right)) };
}

/** What a plugin that sends and receives on the same m-lines needs. */
export function sendReceiveCapabilities(): MediaCapabilities {
  return kindsOf('sendrecv', {});
}

function kindsOf(
  direction: KindCapabilities['direction'],
  video: Pick<KindCapabilities, 'bitrate' | 'simulcast'>,
  choice: CodecChoice = {},
): MediaCapabilities {
  return {
    data: true,
    audio: withCodecs({
      direction,
      codecs: chosen(AUDIO_CODECS, choice.audio),
      rtcpFeedback: CONGESTION_FEEDBACK,
      headerExtensions: [...AUDIO_EXTENSIONS, ...CONGESTION_EXTENSIONS],
      rtx: false,
    }),
    video: withCodecs({
      direction,
      codecs: chosen(VIDEO_CODECS, choice.video),
      rtcpFeedback: [...VIDEO_FEEDBACK, ...CONGESTION_FEEDBACK],
      headerExtensions: [...VIDEO_EXTENSIONS, ...CONGESTION_EXTENSIONS, ...(video.simulcast ? LAYER_IDS : [])],
      rtx: true,
      ...video,
    }),
  };
}

/** Those of the names, in their order; codecs with several profiles come together. */
function chosen(codecs: readonly CodecCapability[], names: readonly string[] | undefined): readonly CodecCapability[] {
  return names?.flatMap((name) => codecs.filter((codec) => codec.name.toLowerCase() === name.toLowerCase())) ?? codecs;
}

/** A kind without any is refused. */
function withCodecs(kind: KindCapabilities): KindCapabilities | undefined {
  return kind.codecs.length === 0 ? undefined : kind;
}
