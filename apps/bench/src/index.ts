import { writeFile } from 'node:fs/promises';
import { HELP, readOptions } from './options.ts';
import { formatReport } from './report.ts';
import { runBench } from './run.ts';

// pnpm runs this in the package's folder and says where the person stood.
const folder = process.env['INIT_CWD'] ?? process.cwd();

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, folder);
  if (!options) {
    process.stdout.write(HELP);
    return;
  }
  const results = await runBench(options, (text) => void process.stderr.write(`${text}\n`));
  process.stdout.write(`\n${formatReport(results)}`);
  if (options.jsonFile !== undefined) await writeFile(options.jsonFile, `${JSON.stringify(results, undefined, 2)}\n`);
}
