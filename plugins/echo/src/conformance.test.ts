import { describePlugin } from '@sluice/testing/vitest';
import echo from './index.ts';

describePlugin('echo', () => echo());
