import { describePlugin } from '@sluice/testing/vitest';
import pull from './index.ts';

describePlugin('pull', () => pull());
