/** The virtual host that a request without one belongs to. */
export const DEFAULT_VHOST = '__defaultVhost__';

/** Names a stream. */
export interface StreamKey {
  readonly vhost: string;
  readonly app: string;
  readonly stream: string;
}

/** `vhost/app/stream`, one text per stream. */
export function streamKeyText(key: StreamKey): string {
  return `${key.vhost}/${key.app}/${key.stream}`;
}
