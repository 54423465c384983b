import { captureMedia } from '@sluice/client';
import { startTestPicture } from './test-picture.ts';

/** Where the media that this page sends comes from. */
export type SourceKind = 'camera' | 'screen' | 'test';

/** Media of this computer. */
export interface Capture {
  readonly media: MediaStream;
  stop(): void;
}

/**
 * Opens a source.
 * @throws EndpointError `capture`
 */
export async function capture(source: SourceKind): Promise<Capture> {
  if (source === 'test') return startTestPicture();
  const media = await captureMedia({ useCamera: source === 'camera' });
  return { media, stop: () => stopTracks(media) };
}

function stopTracks(media: MediaStream): void {
  for (const track of media.getTracks()) track.stop();
}
