import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface MediaViewProps {
  readonly media: MediaStream;
  readonly muted: boolean;
  readonly label: string;
  readonly class: string;
}

/** A video element for a media stream. Starts muted, because browsers let only that play by itself. */
export function MediaView({ media, muted, label, class: className }: MediaViewProps): JSX.Element {
  const element = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = media;
    // Refused only when the element goes away at once.
    video.play().catch(() => undefined);
  }, [media]);

  return <video ref={element} class={className} muted={muted} autoplay playsInline aria-label={label} />;
}
