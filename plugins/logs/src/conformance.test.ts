import { describePlugin } from '@sluice/testing/vitest';
import logs from './index.ts';

describePlugin('logs', () => logs());
describePlugin('logs with a history', () => logs({ history: { enabled: true } }));
