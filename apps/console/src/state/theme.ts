import { type ReadonlySignal, signal } from '@preact/signals';

/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

/** The colours of the page, remembered by the browser. */
export interface ThemeChoice {
  readonly theme: ReadonlySignal<Theme>;
  /** Goes on to the next one: auto, light, dark. */
  next(): void;
}

const STORAGE_KEY = 'sluice-theme';
const ORDER: readonly Theme[] = ['auto', 'light', 'dark'];

/** Applies the remembered theme. */
export function createTheme(root: HTMLElement): ThemeChoice {
  const theme = signal<Theme>(remembered());

  function apply(value: Theme): void {
    theme.value = value;
    root.dataset['theme'] = value;
  }

  apply(theme.value);
  return {
    theme,
    next() {
      const value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length] ?? 'auto';
      apply(value);
      remember(value);
    },
  };
}

function remembered(): Theme {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return ORDER.find((theme) => theme === stored) ?? 'auto';
  } catch {
    // Storage is refused in some private windows.
    return 'auto';
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // As above: then it holds until the page is closed.
  }
}
