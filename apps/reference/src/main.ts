import { fileURLToPath } from 'node:url';
import { readReference } from './reference.ts';

const FOLDER = fileURLToPath(new URL('../dist/html', import.meta.url));

const reference = await readReference();
await reference.write(FOLDER);
for (const complaint of reference.complaints) console.error(complaint);
console.log(`Open ${FOLDER}/index.html.`);
process.exitCode = reference.complaints.length > 0 ? 1 : 0;
