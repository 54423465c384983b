import { describePlugin } from '@sluice/testing/vitest';
import push from './index.ts';

describePlugin('push', () => push());
