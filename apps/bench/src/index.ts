import { writeFile } from 'node:fs/promises';
import { type BenchOptions, HELP, readOptions } from './options.ts';
import { formatReport } from './report.ts';
import { runBench } from './run.ts';

// pnpm runs this in the package's folder and says where the person stood.
const folder = process.env['INIT_CWD'] ?? process.cwd();
const options = optionsOrEnd();

// What fails from here on is told with its stack, because it is a defect of a server or of the bench.
const results = await runBench(options, (text) => void process.stderr.write(`${text}\n`));
process.stdout.write(`\n${formatReport(results)}`);
if (options.jsonFile !== undefined) await writeFile(options.jsonFile, `${JSON.stringify(results, undefined, 2)}\n`);

function optionsOrEnd(): BenchOptions {
  try {
    const given = readOptions(process.argv.slice(2), folder);
    if (given) return given;
    process.stdout.write(HELP);
    return process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return process.exit(1);
  }
}
