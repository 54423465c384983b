import { type ReadonlySignal, signal } from '@preact/signals';
import { errorWords } from '../api/error-words.ts';
import { type StreamName, streamNameText } from '../api/stream-name.ts';
import { type Capture, type SourceKind, capture } from '../webrtc/capture.ts';
import { type CloseCause, Endpoint, type EndpointState } from '../webrtc/endpoint.ts';
import type { Signalling } from '../webrtc/signalling.ts';
import type { SessionStats } from '../webrtc/stats.ts';
import { type EchoMessage, createEchoMessages } from './echo-messages.ts';
import { createStatsSampler } from './stats-sampler.ts';

/** What a session is for. */
export type SessionKind = 'play' | 'publish' | 'echo';

/** Where a session is. */
export type SessionState =
  | { readonly name: 'capturing' }
  | { readonly name: EndpointState & ('negotiating' | 'connecting' | 'connected' | 'interrupted') }
  | { readonly name: 'ended'; readonly words: string; readonly failed: boolean };

/** What {@link createSession} takes. */
export interface SessionOptions {
  readonly id: number;
  readonly kind: SessionKind;
  readonly name: StreamName;
  /** What to send; absent to play. */
  readonly source?: SourceKind | undefined;
  readonly signalling: Signalling;
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

const CAUSE_WORDS: Readonly<Record<CloseCause, string>> = {
  'ended-by-server': 'The server ended this session.',
  'no-media-path': 'No media gets through to the server. Its UDP port (8000 unless configured) must be reachable from here.',
  'connection-lost': 'The connection was lost.',
};

function causeWords(cause: CloseCause, kind: SessionKind): string {
  return cause === 'ended-by-server' && kind === 'play' ? 'The stream has ended.' : CAUSE_WORDS[cause];
}

/** Makes a session that does nothing before `start`. */
export function createSession(options: SessionOptions): Session {
  const { kind, name, source, signalling } = options;
  const state = signal<SessionState>({ name: 'capturing' });
  const local = signal<MediaStream>();
  const remote = signal<MediaStream>();
  const channelOpen = signal(false);
  const sampler = createStatsSampler(kind === 'publish' ? 'out' : 'in');
  const echo = createEchoMessages();
  let captured: Capture | undefined;
  let endpoint: Endpoint | undefined;

  function end(words: string, failed: boolean): void {
    sampler.stop();
    captured?.stop();
    captured = undefined;
    local.value = undefined;
    remote.value = undefined;
    channelOpen.value = false;
    state.value = { name: 'ended', words, failed };
  }

  function onState(now: EndpointState, cause: CloseCause | undefined): void {
    if (now !== 'closed') state.value = { name: now };
    else if (cause) end(causeWords(cause, kind), cause !== 'ended-by-server');
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
    const opened = newEndpoint();
    endpoint = opened;
    await opened.open();
    if (!isEnded()) sampler.start(() => opened.stats());
  }

  function newEndpoint(): Endpoint {
    return new Endpoint({
      signalling,
      send: captured?.media,
      receive: kind !== 'publish',
      channel: kind === 'echo' ? CHANNEL : undefined,
      onState,
      onRemote: (stream) => {
        remote.value = stream;
      },
      onChannelOpen: () => {
        channelOpen.value = true;
      },
      onMessage: (text) => echo.received(text),
    });
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
      end(errorWords(error, { action: kind, stream: streamNameText(name), source }), true);
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
    stats: sampler.stats,
    bitrates: sampler.bitrates,
    messages: echo.messages,
    channelOpen,
    start,
    send(text) {
      if (endpoint?.sendMessage(text)) echo.sent(text);
    },
    stop,
  };
}

/** The browser's own "Stop sharing" ends a track. */
function endOfCapture(media: MediaStream | undefined, listener: () => void): void {
  media?.getVideoTracks()[0]?.addEventListener('ended', listener);
}
