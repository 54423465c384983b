/** Paths of a 24 by 24 grid. */
export const ICONS = {
  play: 'M7 4.5v15l12.5-7.5z',
  stop: 'M6.5 6.5h11v11h-11z',
  sound: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 8.5a5 5 0 0 1 0 7M18 6a8.5 8.5 0 0 1 0 12',
  muted: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5',
  microphone: 'M12 3.5a2.8 2.8 0 0 0-2.8 2.8v5.4a2.8 2.8 0 0 0 5.6 0V6.3A2.8 2.8 0 0 0 12 3.5zM6 11.5a6 6 0 0 0 12 0M12 17.5V21',
  camera: 'M3.5 7h11v10h-11zM14.5 10.5l6-3v9l-6-3',
  fullscreen: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  retry: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 3.5v4h-4',
} as const;

/** Makes an element with attributes and content. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Readonly<Record<string, string>> = {}, ...content: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

/** A picture beside words, which says nothing itself. */
export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows a picture and is called by its words. */
export function iconButton(name: keyof typeof ICONS, words: string, onClick: () => void): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'icon', 'aria-label': words, title: words }, icon(name));
  button.addEventListener('click', onClick);
  return button;
}

/** Gives a button another picture and other words. */
export function turnButton(button: HTMLButtonElement, name: keyof typeof ICONS, words: string): void {
  if (button.title === words) return;
  button.replaceChildren(icon(name));
  button.setAttribute('aria-label', words);
  button.title = words;
}
