import { type ReadonlySignal, signal } from '@preact/signals';
import { Endpoint, type EndpointError, type EndpointFailure } from '@sluice/client';
import { errorWords } from '../api/error-words.ts';
import { type StreamName, streamNameText } from '../api/stream-name.ts';
import { type Capture, type SourceKind, capture } from '../webrtc/capture.ts';
import { type EchoMessage, createEchoMessages } from './echo-messages.ts';
import { type SessionStats, createStatsHistory } from './stats-history.ts';

/** What a session is for. */
export type SessionKind = 'play' | 'publish' | 'echo';

/** Where a session is; `interrupted` comes back by itself. */
export type SessionState =
  | { readonly name: 'capturing' | 'negotiating' | 'connecting' | 'connected' | 'interrupted' }
  | { readonly name: 'ended'; readonly words: string; readonly failed: boolean };

/** What {@link createSession} takes. */
export interface SessionOptions {
  readonly id: number;
  readonly kind: SessionKind;
  readonly name: StreamName;
  /** What to send; absent to play. */
  readonly source?: SourceKind | undefined;
  /** WHIP or WHEP endpoint, or `/index/api/webrtc`. */
  readonly url: string;
}

/** One card of the page: a peer connection with everything around it. */
export interface Session {
  readonly id: number;
  readonly kind: SessionKind;
  readonly name: StreamName;
  readonly source: SourceKind | undefined;
  readonly state: ReadonlySignal<SessionState>;
  /** What is sent. */
  readonly local: ReadonlySignal<MediaStream | undefined>;
  /** What is received. */
  readonly remote: ReadonlySignal<MediaStream | undefined>;
  readonly stats: ReadonlySignal<SessionStats | undefined>;
  /** Bit/s of the last half minute, one per second. */
  readonly bitrates: ReadonlySignal<readonly number[]>;
  /** Of an echo: what was written, newest last. */
  readonly messages: ReadonlySignal<readonly EchoMessage[]>;
  readonly channelOpen: ReadonlySignal<boolean>;
  /** Also starts again what has ended. */
  start(): Promise<void>;
  send(text: string): void;
  stop(): Promise<void>;
}

/** Data channel that the echo sends back; existing clients call theirs the same. */
const CHANNEL = 'chat';

const FAILURE_WORDS: { readonly [F in EndpointFailure]?: string } = {
  'ended-by-server': 'The server ended this session.',
  'no-media-path': 'No media gets through to the server. Its UDP port (8000 unless configured) must be reachable from here.',
  'connection-lost': 'The connection was lost.',
};

/** What is tried here is what somebody has just clicked on, so they learn at once when it does not work; and what the server ended stays ended. */
const RECONNECT = { initially: false, whenEnded: false } as const;

/** Makes a session that does nothing before `start`. */
export function createSession(options: SessionOptions): Session {
  const { kind, name, source, url } = options;
  const state = signal<SessionState>({ name: 'capturing' });
  const local = signal<MediaStream>();
  const remote = signal<MediaStream>();
  const channelOpen = signal(false);
  const history = createStatsHistory(kind === 'publish' ? 'sent' : 'received');
  const echo = createEchoMessages();
  let captured: Capture | undefined;
  let endpoint: Endpoint | undefined;

  function end(words: string, failed: boolean): void {
    history.clear();
    captured?.stop();
    captured = undefined;
    local.value = undefined;
    remote.value = undefined;
    channelOpen.value = false;
    state.value = { name: 'ended', words, failed };
  }

  async function open(): Promise<void> {
    state.value = { name: source ? 'capturing' : 'negotiating' };
    const media = source ? await capture(source) : undefined;
    // Stopped while the browser was asking for permission.
    if (isEnded()) return media?.stop();
    captured = media;
    local.value = media?.media;
    endOfCapture(media?.media, () => void stop());

    state.value = { name: 'negotiating' };
    endpoint = newEndpoint();
    await endpoint.start();
  }

  function newEndpoint(): Endpoint {
    const made = new Endpoint({ url, media: captured?.media, dataChannel: kind === 'echo' ? CHANNEL : undefined, reconnect: RECONNECT, autoStart: false });
    made.on('step', (step) => {
      if (made.state === 'connecting' && step === 'transport') state.value = { name: 'connecting' };
    });
    made.on('state', ({ state: now, error }) => {
      if (now === 'connected') state.value = { name: 'connected' };
      else if (now === 'reconnecting') state.value = { name: 'interrupted' };
      else if (now === 'failed' && error) fail(error);
    });
    made.on('remoteStream', (stream) => {
      remote.value = stream;
    });
    made.on('channelOpen', () => {
      channelOpen.value = true;
    });
    made.on('channelMessage', ({ data }) => {
      if (typeof data === 'string') echo.received(data);
    });
    made.on('stats', (stats) => history.add(stats));
    return made;
  }

  function fail(error: EndpointError): void {
    const isEnd = error.failure === 'ended-by-server';
    if (isEnd && kind === 'play') end('The stream has ended.', false);
    else end(FAILURE_WORDS[error.failure] ?? wordsOf(error), !isEnd);
  }

  function wordsOf(error: unknown): string {
    return errorWords(error, { action: kind, stream: streamNameText(name), source });
  }

  function isEnded(): boolean {
    return state.value.name === 'ended';
  }

  async function start(): Promise<void> {
    try {
      await open();
    } catch (error) {
      // A request that was cut off by stop() is no failure.
      if (isEnded()) return;
      end(wordsOf(error), true);
      await endpoint?.close();
    }
  }

  async function stop(): Promise<void> {
    if (isEnded()) return;
    end('Stopped.', false);
    await endpoint?.close();
  }

  return {
    ...options,
    source,
    state,
    local,
    remote,
    stats: history.stats,
    bitrates: history.bitrates,
    messages: echo.messages,
    channelOpen,
    start,
    send(text) {
      if (endpoint?.send(text)) echo.sent(text);
    },
    stop,
  };
}

/** The browser's own "Stop sharing" ends a track. */
function endOfCapture(media: MediaStream | undefined, listener: () => void): void {
  media?.getVideoTracks()[0]?.addEventListener('ended', listener);
}
