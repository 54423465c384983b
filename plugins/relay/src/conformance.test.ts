import { describePlugin } from '@sluice/testing/vitest';
import relay from './index.ts';

describePlugin('relay', () => relay({ enabled: true }));
