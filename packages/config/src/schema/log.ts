import { choice, group } from './kinds.ts';

/** `log`: what is said on stderr. */
export const logSettings = group({
  level: choice(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('The least that is said.'),
  format: choice(['pretty', 'json']).optional().describe('Default: pretty on a terminal, json elsewhere.'),
}).prefault({});
