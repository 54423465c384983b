import { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointError } from '../endpoint/endpoint-error.ts';
import type { EndpointState } from '../endpoint/events.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import type { EndpointStats } from '../endpoint/stats.ts';
import { element } from './dom.ts';
import { STYLE } from './style.ts';
import { type Situation, situationWords } from './words.ts';

/** Where pages are rendered by a server there is none, and nothing is made of it. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const PlatformElement = typeof HTMLElement === 'function' ? HTMLElement : (Object as unknown as typeof HTMLElement);

/** What player and publisher have in common: an endpoint, its picture, and what a person is told about it. */
export abstract class SluiceMediaElement extends PlatformElement {
  protected readonly video = element('video', { part: 'video', playsinline: '' });
  /** Lies over the picture while there is something to say. */
  protected readonly overlay = element('div', { class: 'overlay', part: 'overlay' });
  protected readonly controlBar = element('div', { class: 'controls', part: 'controls' });
  protected readonly figures = element('span', { class: 'figures' });
  readonly #words = element('p', { role: 'status', 'aria-live': 'polite' });
  readonly #spinner = element('span', { class: 'spinner', 'aria-hidden': 'true' });
  readonly #actions = element('div', { class: 'devices' });
  readonly #badge = element('span', { class: 'badge', 'aria-hidden': 'true' });
  #endpoint: Endpoint | undefined;
  /** Whether the page has it; attributes that an element has from the beginning are no changes. */
  #isShown = false;

  protected abstract readonly purpose: Situation['purpose'];

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    // Unlike a style element, this passes a strict content security policy.
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.overlay.append(this.#spinner, this.#words, this.#actions);
    root.append(this.video, this.#badge, this.overlay, this.controlBar);
  }

  /** For everything that attributes do not say; undefined while nothing runs. */
  get endpoint(): Endpoint | undefined {
    return this.#endpoint;
  }

  get state(): EndpointState {
    return this.#endpoint?.state ?? 'new';
  }

  /** Address of the stream: a WHIP or WHEP endpoint, or `/index/api/webrtc?…`. */
  get src(): string {
    return this.getAttribute('src') ?? '';
  }

  set src(url: string) {
    this.setAttribute('src', url);
  }

  connectedCallback(): void {
    this.#isShown = true;
    this.draw();
    if (this.hasAttribute('autoplay') && this.src !== '') this.start();
  }

  disconnectedCallback(): void {
    this.#isShown = false;
    this.stop();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#isShown || before === now) return;
    if (name !== 'src' && name !== 'token') return this.draw();
    const isWanted = this.#endpoint !== undefined || this.hasAttribute('autoplay');
    this.stop();
    if (isWanted && this.src !== '') this.start();
  }

  /** Ends the session; the element can be started again. */
  stop(): void {
    const endpoint = this.#endpoint;
    this.#endpoint = undefined;
    void endpoint?.close();
    if (this.#isShown) this.draw();
  }

  /** Starts, or starts anew. Without a `src` nothing happens. */
  start(): void {
    this.stop();
    if (this.src === '') return;
    try {
      this.#listen(new Endpoint({ url: this.src, token: this.getAttribute('token') ?? undefined, element: this.video, ...this.endpointOptions() }));
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    }
  }

  /** What attributes of the kind of element say. */
  protected abstract endpointOptions(): Partial<EndpointOptions>;

  /** What a person can do over the picture in this state. */
  protected abstract actions(state: EndpointState): HTMLElement[];

  /** Draws everything anew from attributes and state. */
  protected draw(): void {
    const { state } = this;
    const { step, error } = this.#endpoint ?? {};
    this.setAttribute('state', state);
    this.controlBar.hidden = !this.hasAttribute('controls') || (state !== 'connected' && state !== 'reconnecting');
    this.#badge.textContent = state === 'connected' ? 'Live' : state === 'reconnecting' ? 'Reconnecting' : '';
    this.#spinner.hidden = state !== 'connecting' && state !== 'reconnecting';
    this.overlay.hidden = state === 'connected';
    this.#words.textContent = situationWords({ purpose: this.purpose, state, step, error });
    this.#actions.replaceChildren(...(state === 'connected' ? [] : this.actions(state)));
  }

  /** Says something that is no state. */
  protected say(words: string): void {
    this.overlay.hidden = false;
    this.#spinner.hidden = true;
    this.#words.textContent = words;
  }

  protected onStats({ sent, received, roundTripMs }: EndpointStats): void {
    const { bitrate, height, framesPerSecond } = sent ?? received ?? {};
    const parts = [
      bitrate === undefined ? '' : `${(bitrate / 1e6).toFixed(1)} Mbit/s`,
      height === undefined ? '' : `${height}p`,
      framesPerSecond === undefined ? '' : `${Math.round(framesPerSecond)} fps`,
      roundTripMs === undefined ? '' : `${Math.round(roundTripMs)} ms`,
    ];
    this.figures.textContent = parts.filter((part) => part !== '').join(' · ');
  }

  /** A button of the page's own kind of action. */
  protected button(className: string, words: string, onClick: () => void, ...before: Node[]): HTMLButtonElement {
    const button = element('button', { type: 'button', class: className }, ...before, words);
    button.addEventListener('click', onClick);
    return button;
  }

  #listen(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    const isCurrent = (): boolean => this.#endpoint === endpoint;
    endpoint.on('state', (change) => {
      if (isCurrent()) this.draw();
      this.#tell('statechange', change);
    });
    endpoint.on('step', () => isCurrent() && this.draw());
    endpoint.on('error', (error: EndpointError) => this.#tell('error', error));
    endpoint.on('channelMessage', ({ data }) => this.#tell('message', data));
    endpoint.on('stats', (stats) => {
      if (isCurrent()) this.onStats(stats);
      this.#tell('stats', stats);
    });
    this.onEndpoint(endpoint);
    this.draw();
  }

  /** For what one kind of element wants to hear of its endpoint. */
  protected abstract onEndpoint(endpoint: Endpoint): void;

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
