import { describePlugin } from '@sluice/testing/vitest';
import play from './index.ts';

describePlugin('play', () => play());
