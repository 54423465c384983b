import { type Device, listDevices } from '../endpoint/devices.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointState } from '../endpoint/events.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import { element, icon, iconButton, turnButton } from './dom.ts';
import { SluiceMediaElement } from './media-element.ts';

/**
 * `<sluice-publisher src="/whip/live/cam" controls></sluice-publisher>` publishes camera and microphone, or the screen.
 * Attributes: `src`, `token`, `source` (`camera`, `screen`), `autoplay`, `controls`, `simulcast`, `no-audio`, `no-video`, `width`, `height`. Events, with
 * what they carry in `detail`: `statechange`, `error`, `stats`, `message`.
 */
export class SluicePublisher extends SluiceMediaElement {
  static readonly observedAttributes = ['src', 'token', 'source', 'controls'];
  protected readonly purpose = 'publish';
  readonly #cameras = select('Camera', () => void this.#switch('video'));
  readonly #microphones = select('Microphone', () => void this.#switch('audio'));
  readonly #microphone = iconButton('microphone', 'Mute the microphone', () => this.#toggle('audio'));
  /** Where devices are chosen while it is live; before, they are over the picture. */
  readonly #choices = element('span', { class: 'devices' });
  /** What was opened here in place of what the endpoint had captured, by kind. */
  readonly #switched = new Map<string, MediaStreamTrack>();
  readonly #camera = iconButton('camera', 'Hide the picture', () => this.#toggle('video'));

  constructor() {
    super();
    this.video.muted = true;
    this.controlBar.classList.add('always');
    this.controlBar.append(this.button('primary stop', 'Stop', () => this.stop()), this.#microphone, this.#camera, this.#choices, element('span', { class: 'space' }), this.figures);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#listDevices();
  }

  protected endpointOptions(): Partial<EndpointOptions> {
    return {
      direction: 'publish',
      useCamera: this.#isCamera(),
      audioEnable: !this.hasAttribute('no-audio'),
      videoEnable: !this.hasAttribute('no-video'),
      videoId: this.#cameras.value,
      audioId: this.#isCamera() ? this.#microphones.value : undefined,
      simulcast: this.hasAttribute('simulcast'),
      resolution: { w: Number(this.getAttribute('width') ?? 0), h: Number(this.getAttribute('height') ?? 0) },
      dataChannel: this.getAttribute('data-channel') ?? undefined,
    };
  }

  protected actions(state: EndpointState): HTMLElement[] {
    if (this.src === '') return [];
    if (state === 'connecting') return [this.button('quiet', 'Cancel', () => this.stop())];
    if (state === 'reconnecting') return [this.button('quiet', 'Try now', () => this.endpoint?.retry()), this.button('quiet', 'Stop', () => this.stop())];
    const go = this.button('primary', state === 'failed' ? 'Try again' : this.#isCamera() ? 'Go live' : 'Share the screen', () => this.start(), icon('play'));
    return [...this.#selects(), go];
  }

  protected override draw(): void {
    super.draw();
    this.video.classList.toggle('mirrored', this.#isCamera());
    if (this.state === 'connected') this.#choices.append(...this.#selects());
    this.#drawSwitch('audio', this.#microphone, ['Mute the microphone', 'Unmute the microphone']);
    this.#drawSwitch('video', this.#camera, ['Hide the picture', 'Show the picture']);
  }

  protected onEndpoint(endpoint: Endpoint): void {
    endpoint.on('localStream', () => void this.#listDevices());
    // The browser's own "Stop sharing".
    endpoint.on('sourceEnded', ({ kind }) => {
      if (kind === 'video' && !this.#isCamera()) this.stop();
    });
    endpoint.on('state', ({ state }) => {
      if (state !== 'closed' && state !== 'failed') return;
      for (const track of this.#switched.values()) track.stop();
      this.#switched.clear();
    });
  }

  #isCamera(): boolean {
    return this.getAttribute('source') !== 'screen';
  }

  /** Where there is something to choose. */
  #selects(): HTMLElement[] {
    return [this.#cameras, this.#microphones].filter(({ options }) => this.#isCamera() && options.length > 1);
  }

  #tracks(kind: string): MediaStreamTrack[] {
    return this.endpoint?.localStream?.getTracks().filter((track) => track.kind === kind) ?? [];
  }

  #toggle(kind: 'audio' | 'video'): void {
    for (const track of this.#tracks(kind)) track.enabled = !track.enabled;
    this.draw();
  }

  #drawSwitch(kind: 'audio' | 'video', button: HTMLButtonElement, [off, on]: readonly [string, string]): void {
    const [track] = this.#tracks(kind);
    const isOff = track?.enabled === false;
    button.hidden = !track;
    // Its words change; a pressed "Unmute" would say two things.
    button.classList.toggle('off', isOff);
    turnButton(button, kind === 'audio' ? 'microphone' : 'camera', isOff ? on : off);
  }

  /** Goes on with another camera or microphone. */
  async #switch(kind: 'audio' | 'video'): Promise<void> {
    const { endpoint } = this;
    const id = kind === 'video' ? this.#cameras.value : this.#microphones.value;
    if (endpoint?.state !== 'connected' || id === '') return;
    try {
      const media = await navigator.mediaDevices.getUserMedia({ [kind]: { deviceId: { exact: id } } });
      for (const track of media.getTracks()) await this.#replace(endpoint, track);
    } catch (error) {
      this.say(`It could not be opened: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #replace(endpoint: Endpoint, track: MediaStreamTrack): Promise<void> {
    // Who is muted stays so.
    track.enabled = this.#tracks(track.kind)[0]?.enabled ?? true;
    // It may have ended while the browser was asking.
    if (!(await endpoint.replaceTrack(track))) return track.stop();
    this.#switched.get(track.kind)?.stop();
    this.#switched.set(track.kind, track);
  }

  async #listDevices(): Promise<void> {
    const { cameras, microphones } = await listDevices().catch(() => ({ cameras: [], microphones: [] }));
    fill(this.#cameras, cameras);
    fill(this.#microphones, microphones);
    this.draw();
  }
}

function select(words: string, onChange: () => void): HTMLSelectElement {
  const made = element('select', { 'aria-label': words });
  made.addEventListener('change', onChange);
  return made;
}

/** Devices without an id cannot be chosen yet. */
function fill(list: HTMLSelectElement, devices: readonly Device[]): void {
  const chosen = list.value;
  list.replaceChildren(...devices.filter(({ id }) => id !== '').map(({ id, label }) => element('option', { value: id }, label)));
  if (devices.some(({ id }) => id === chosen)) list.value = chosen;
}
