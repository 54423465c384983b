/** What stands where nothing is known yet. */
const UNKNOWN = '–';

/** `1.42 Mbit/s`, `64 kbit/s`. */
export function formatBitrate(bitsPerSecond: number | undefined): string {
  if (bitsPerSecond === undefined) return UNKNOWN;
  if (bitsPerSecond >= 999_500) return `${(bitsPerSecond / 1e6).toFixed(2)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}

/** `1280×720`. */
export function formatResolution(size: { width?: number | undefined; height?: number | undefined } | undefined): string {
  return size?.width && size.height ? `${size.width}×${size.height}` : UNKNOWN;
}

/** `25 fps`. */
export function formatFrameRate(framesPerSecond: number | undefined): string {
  return framesPerSecond === undefined ? UNKNOWN : `${Math.round(framesPerSecond)} fps`;
}

/** `0 %`, `0.3 %`, `12 %`. */
export function formatLoss(fraction: number | undefined): string {
  if (fraction === undefined) return UNKNOWN;
  const percent = fraction * 100;
  return percent > 0 && percent < 10 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

/** `0.8 ms`, `23 ms`. */
export function formatMilliseconds(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return UNKNOWN;
  return milliseconds < 9.95 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`;
}

/** `812 B`, `64 KB`, `1.42 MB`; thousands, as bitrates are. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return UNKNOWN;
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} KB`;
  return bytes < 999_500_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** `14:03:27`, in the time of the browser. */
export function formatClock(wallClock: number): string {
  return new Date(wallClock).toLocaleTimeString('en-GB');
}

/** `48 s`, `3 min`, `2 h 7 min`, `4 d 3 h`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  if (minutes > 0) return `${minutes} min`;
  return `${seconds} s`;
}

/** `50,000`. */
export function formatInteger(count: number): string {
  return count.toLocaleString('en-GB');
}

/** `1 viewer`, `2 viewers`. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}
