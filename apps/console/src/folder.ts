import { fileURLToPath } from 'node:url';

/** Absolute path of the folder with the built page; it is there after `pnpm --filter @sluice/console build`. */
export const consoleFolder: string = fileURLToPath(new URL('../dist', import.meta.url));
