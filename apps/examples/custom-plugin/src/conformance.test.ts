import { describePlugin } from '@sluice/testing/vitest';
import streamKey from './index.ts';

describePlugin('stream-key', () => streamKey({ key: 'sesame' }), { request: { query: 'key=sesame' } });
