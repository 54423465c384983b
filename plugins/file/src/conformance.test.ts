import { describePlugin } from '@sluice/testing/vitest';
import file from './index.ts';

describePlugin('file', () => file());
