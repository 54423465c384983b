import { describePlugin } from '@sluice/testing/vitest';
import peer from './index.ts';

describePlugin('peer', () => peer());
