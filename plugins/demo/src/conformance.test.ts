import { describePlugin } from '@sluice/testing/vitest';
import demo from './index.ts';

describePlugin('demo', () => demo());
