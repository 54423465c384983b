import { EndpointError } from './endpoint-error.ts';

/** A size of pictures. */
export interface Resolution {
  readonly label: string;
  readonly w: number;
  readonly h: number;
}

/** What people ask for, the largest first. */
export const RESOLUTIONS: readonly Resolution[] = [
  { label: '4K', w: 3840, h: 2160 },
  { label: '1440p', w: 2560, h: 1440 },
  { label: '1080p', w: 1920, h: 1080 },
  { label: '720p', w: 1280, h: 720 },
  { label: 'SVGA', w: 800, h: 600 },
  { label: 'VGA', w: 640, h: 480 },
  { label: '360p', w: 640, h: 360 },
  { label: 'QVGA', w: 320, h: 240 },
  { label: '180p', w: 320, h: 180 },
];

/** What {@link supportedResolutions} takes. */
export interface ResolutionSearch {
  /** `deviceId` of the camera. Default: the browser's choice. */
  readonly videoId?: string | undefined;
  /** What to try. Default {@link RESOLUTIONS}. */
  readonly candidates?: readonly Resolution[] | undefined;
  /** When to be content with what was found so far, milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Opens the camera and tries which sizes it gives.
 * @throws EndpointError `capture` when the camera cannot be opened
 */
export async function supportedResolutions({ videoId, candidates = RESOLUTIONS, timeoutMs = 10_000 }: ResolutionSearch = {}): Promise<Resolution[]> {
  const deadline = performance.now() + timeoutMs;
  const media = await open(videoId);
  const supported: Resolution[] = [];
  try {
    const [track] = media.getVideoTracks();
    for (const candidate of track ? candidates : []) {
      const leftMs = deadline - performance.now();
      if (!track || leftMs <= 0) break;
      if (await within(leftMs, gives(track, candidate))) supported.push(candidate);
    }
    return supported;
  } finally {
    for (const track of media.getTracks()) track.stop();
  }
}

async function open(videoId: string | undefined): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: videoId ? { deviceId: { exact: videoId } } : true });
  } catch (error) {
    throw new EndpointError('capture', 'The camera could not be opened.', error);
  }
}

async function gives(track: MediaStreamTrack, { w, h }: Resolution): Promise<boolean> {
  const { width, height } = track.getCapabilities?.() ?? {};
  if ((width?.max ?? w) < w || (height?.max ?? h) < h) return false;
  try {
    await track.applyConstraints({ width: { exact: w }, height: { exact: h } });
  } catch {
    return false;
  }
  const now = track.getSettings();
  return now.width === w && now.height === h;
}

/** A camera that hangs counts as one that does not. */
function within(leftMs: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), leftMs);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
