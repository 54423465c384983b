import { describePlugin } from '@sluice/testing/vitest';
import auth from './index.ts';
import { SECRET } from './testing/tokens.ts';

describePlugin('auth', () => auth({ publish: { keys: ['a-stream-key'] }, jwt: { keys: [{ secret: SECRET }] } }));
