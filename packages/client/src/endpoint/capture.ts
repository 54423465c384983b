import { EndpointError } from './endpoint-error.ts';
import type { EndpointOptions } from './options.ts';

/** What of the options says what to capture. */
export type CaptureOptions = Pick<EndpointOptions, 'useCamera' | 'audioEnable' | 'videoEnable' | 'resolution' | 'videoId' | 'audioId'>;

/**
 * Opens camera and microphone, or with `useCamera: false` the screen. A camera without a microphone is taken as well.
 * @throws EndpointError `capture`, whose cause is the browser's DOMException
 */
export async function captureMedia(options: CaptureOptions = {}): Promise<MediaStream> {
  const { mediaDevices }: { readonly mediaDevices?: MediaDevices } = globalThis.navigator ?? {};
  // Absent on pages over plain http from another machine, too.
  if (!mediaDevices) throw new EndpointError('capture', 'This page may not use cameras: browsers allow that to pages on https or localhost only.');
  try {
    return await (options.useCamera === false ? captureScreen(mediaDevices, options) : captureCamera(mediaDevices, options));
  } catch (error) {
    throw new EndpointError('capture', captureWords(error), error);
  }
}

async function captureCamera(mediaDevices: MediaDevices, options: CaptureOptions): Promise<MediaStream> {
  const { audioEnable = true, videoEnable = true, audioId, videoId } = options;
  const audio = audioEnable && (audioId ? { deviceId: { exact: audioId } } : true);
  const video = videoEnable && { ...sizeOf(options, { w: 1280, h: 720 }), frameRate: { ideal: 30 }, ...(videoId ? { deviceId: { exact: videoId } } : {}) };
  try {
    return await mediaDevices.getUserMedia({ audio, video });
  } catch (error) {
    // A camera without a microphone is still worth showing.
    if (!video || !audio || audioId || !(error instanceof DOMException) || error.name !== 'NotFoundError') throw error;
    return mediaDevices.getUserMedia({ video });
  }
}

async function captureScreen(mediaDevices: MediaDevices, options: CaptureOptions): Promise<MediaStream> {
  const media = await mediaDevices.getDisplayMedia({ audio: options.audioEnable ?? true, video: { ...sizeOf(options, undefined), frameRate: { ideal: 30 } } });
  // Text stays sharp at the price of frames.
  for (const track of media.getVideoTracks()) track.contentHint = 'detail';
  return media;
}

function sizeOf({ resolution }: CaptureOptions, usual: { readonly w: number; readonly h: number } | undefined): MediaTrackConstraints {
  const size = resolution && resolution.w > 0 && resolution.h > 0 ? resolution : usual;
  return size ? { width: { ideal: size.w }, height: { ideal: size.h } } : {};
}

/** Names of W3C Media Capture and Streams. */
function captureWords(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return 'The browser may not use camera, microphone or screen: that was not allowed.';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'There is no such camera or microphone.';
  if (name === 'NotReadableError' || name === 'AbortError') return 'The camera or microphone could not be opened; another program may be using it.';
  return `The capture failed: ${error instanceof Error ? error.message : String(error)}`;
}
