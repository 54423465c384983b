import { writeFileSync } from 'node:fs';
import { configSample } from './view/sample.ts';

// `pnpm --filter @sluice/config sample`, after a change of the schema.
writeFileSync(new URL('../sluice.sample.yaml', import.meta.url), configSample());
