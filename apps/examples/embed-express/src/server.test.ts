import { testEmbedding } from '@sluice-examples/testing';
import { start } from './server.ts';

testEmbedding(start, new URL('main.ts', import.meta.url));
