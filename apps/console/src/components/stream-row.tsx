import type { JSX } from 'preact';
import { streamNameText } from '../api/stream-name.ts';
import type { LiveStream } from '../api/streams.ts';
import { shareUrl, whepUrl } from '../api/urls.ts';
import { formatBitrate, formatCount, formatDuration, formatResolution } from '../format.ts';
import { useStore } from '../state/store.ts';
import { isSame } from '../state/monitors.ts';
import { CopyButton } from './copy-button.tsx';
import { CopyIcon, DetailIcon, LinkIcon, PlayIcon, ViewersIcon } from './icons.tsx';
import { StreamDetailPanel } from './stream-detail.tsx';

/** One live stream: who watches, what it carries, and a button to watch too. */
export function StreamRow({ stream }: { readonly stream: LiveStream }): JSX.Element {
  const { page, sessions, admin, monitors } = useStore();
  const open = monitors.openStream.value;
  const isAdmin = admin.access.value === 'granted';
  const isOpen = isAdmin && open !== undefined && isSame(open, stream);
  const name = { app: stream.app, stream: stream.stream, query: '' };
  const text = streamNameText(name);
  return (
    <li class="stream">
      <div class="stream-head">
        <span class="stream-name">{text}</span>
        <span class="viewers" title={`${formatCount(stream.totalReaders, 'viewer')} since it went live`}>
          <ViewersIcon />
          {stream.readers}
          <span class="visually-hidden">{stream.readers === 1 ? 'viewer' : 'viewers'}</span>
        </span>
      </div>
      <p class="stream-facts">{factsOf(stream).join(' · ')}</p>
      <div class="stream-actions">
        <button type="button" class="button" onClick={() => sessions.play(name)} aria-label={`Play ${text}`}>
          <PlayIcon />
          Play
        </button>
        <CopyButton text={whepUrl(page, name)} what={`WHEP address of ${text}`}>
          <CopyIcon />
        </CopyButton>
        <CopyButton text={shareUrl(page, name)} what={`link that plays ${text}`}>
          <LinkIcon />
        </CopyButton>
        {isAdmin && (
          <button
            type="button"
            class="button button-icon"
            aria-expanded={isOpen}
            aria-label={`Details of ${text}`}
            title={`Details of ${text}`}
            onClick={() => monitors.toggleStream(stream)}
          >
            <DetailIcon />
          </button>
        )}
      </div>
      {isOpen && <StreamDetailPanel />}
    </li>
  );
}

function factsOf({ tracks, liveSince }: LiveStream): string[] {
  const video = tracks.find(({ kind }) => kind === 'video');
  const audio = tracks.find(({ kind }) => kind === 'audio');
  const codecs = [video?.codec, audio?.codec].filter((codec) => codec !== undefined);
  const bitrate = tracks.reduce((sum, track) => sum + track.bitrate, 0);
  return [
    codecs.join(' + '),
    video?.frameWidth ? formatResolution({ width: video.frameWidth, height: video.frameHeight }) : '',
    video?.bFrames ? 'B-frames, which browsers do not show smoothly' : '',
    bitrate > 0 ? formatBitrate(bitrate) : '',
    `live for ${formatDuration(Date.now() - liveSince)}`,
  ].filter((fact) => fact !== '');
}
