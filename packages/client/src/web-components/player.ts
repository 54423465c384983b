import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointState } from '../endpoint/events.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import { element, icon, iconButton, turnButton } from './dom.ts';
import { SluiceMediaElement } from './media-element.ts';

/**
 * `<sluice-player src="/whep/live/cam" autoplay muted controls></sluice-player>` plays a stream, and waits for one that is not there.
 * Attributes: `src`, `token`, `autoplay`, `muted`, `controls`, `poster`. Events, with what they carry in `detail`: `statechange`, `error`, `stats`, `message`.
 */
export class SluicePlayer extends SluiceMediaElement {
  static readonly observedAttributes = ['src', 'token', 'muted', 'controls', 'poster'];
  protected readonly purpose = 'play';
  readonly #sound = iconButton('sound', 'Mute', () => this.toggleAttribute('muted', !this.video.muted));

  constructor() {
    super();
    this.controlBar.append(
      iconButton('stop', 'Stop', () => this.stop()),
      this.#sound,
      element('span', { class: 'space' }),
      this.figures,
      iconButton('fullscreen', 'Full screen', () => void this.#toggleFullscreen()),
    );
  }

  protected endpointOptions(): Partial<EndpointOptions> {
    return { direction: 'play', dataChannel: this.getAttribute('data-channel') ?? undefined };
  }

  protected actions(state: EndpointState): HTMLElement[] {
    if (this.src === '') return [];
    if (state === 'new' || state === 'closed') return [this.button('primary', 'Play', () => this.start(), icon('play'))];
    if (state === 'failed') return [this.button('primary', 'Try again', () => this.start())];
    return state === 'reconnecting' ? [this.button('quiet', 'Try now', () => this.endpoint?.retry()), this.button('quiet', 'Stop', () => this.stop())] : [];
  }

  protected override draw(): void {
    super.draw();
    this.video.muted = this.hasAttribute('muted');
    this.video.poster = this.getAttribute('poster') ?? '';
    turnButton(this.#sound, this.video.muted ? 'muted' : 'sound', this.video.muted ? 'Unmute' : 'Mute');
  }

  protected onEndpoint(endpoint: Endpoint): void {
    // Browsers let only silent pictures start by themselves; the button brings the sound.
    endpoint.on('playBlocked', (video) => {
      this.toggleAttribute('muted', true);
      video.muted = true;
      video.play().catch(() => this.say('Click to play.'));
    });
  }

  async #toggleFullscreen(): Promise<void> {
    await (document.fullscreenElement === this ? document.exitFullscreen() : this.requestFullscreen()).catch(() => undefined);
  }
}
