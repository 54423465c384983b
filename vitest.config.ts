import { defineConfig } from 'vitest/config';

// Vitest's disk cache ignores tsconfig edits, so every project switches it off.
const shared = { fsModuleCache: false } as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['{packages,plugins,apps}/**/src/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'apps/e2e/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['apps/e2e/src/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Browsers encode and decode in software; two files at once would starve each other.
          fileParallelism: false,
        },
      },
    ],
  },
});
