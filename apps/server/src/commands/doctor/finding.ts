/** What a check has found, in one sentence. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly about: string;
  readonly text: string;
}

export function ok(about: string, text: string): Finding {
  return { level: 'ok', about, text };
}

export function warning(about: string, text: string): Finding {
  return { level: 'warning', about, text };
}

export function problem(about: string, text: string): Finding {
  return { level: 'problem', about, text };
}
