import { describePlugin } from '@sluice/testing/vitest';
import logs from './index.ts';

describePlugin('logs', () => logs());
