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
 * @throws the DOMException of the browser; one named InsecureContextError where it offers no capture
 */
export async function capture(source: SourceKind): Promise<Capture> {
  if (source === 'test') return startTestPicture();
  // Absent on pages over plain http from another machine.
  if (!('mediaDevices' in navigator)) throw new DOMException('This page is not a secure context', 'InsecureContextError');
  const media = source === 'screen' ? await captureScreen() : await captureCamera();
  return { media, stop: () => stopTracks(media) };
}

async function captureCamera(): Promise<MediaStream> {
  const video: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: true });
  } catch (error) {
    // A camera without a microphone is still worth showing.
    if (!(error instanceof DOMException) || error.name !== 'NotFoundError') throw error;
    return navigator.mediaDevices.getUserMedia({ video });
  }
}

async function captureScreen(): Promise<MediaStream> {
  const media = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: true });
  // Text stays sharp at the price of frames.
  for (const track of media.getVideoTracks()) track.contentHint = 'detail';
  return media;
}

function stopTracks(media: MediaStream): void {
  for (const track of media.getTracks()) track.stop();
}
