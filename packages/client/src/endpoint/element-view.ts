/** Shows streams in an element of the page, one after the other; without an element nothing. */
export class ElementView {
  readonly #element: HTMLMediaElement | undefined;
  readonly #onBlocked: (element: HTMLMediaElement) => void;
  #shown: MediaStream | undefined;

  /** @param onBlocked the browser does not let it start by itself */
  constructor(element: HTMLMediaElement | undefined, onBlocked: (element: HTMLMediaElement) => void) {
    this.#element = element;
    this.#onBlocked = onBlocked;
  }

  show(stream: MediaStream): void {
    const element = this.#element;
    if (!element || this.#shown === stream) return;
    this.#shown = stream;
    element.srcObject = stream;
    element.play().catch((error: unknown) => {
      // Another one means that the element got something else to play.
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#onBlocked(element);
    });
  }

  /** What is sent is not heard here: that would come back into the microphone. */
  showSilently(stream: MediaStream): void {
    if (this.#element) this.#element.muted = true;
    this.show(stream);
  }

  /** Leaves the element alone when it shows something of the page's own by now. */
  clear(): void {
    if (this.#element && this.#shown && this.#element.srcObject === this.#shown) this.#element.srcObject = null;
    this.#shown = undefined;
  }
}
