import { writeFile } from 'node:fs/promises';
import { type BenchOptions, HELP, readOptions } from './options.ts';
import { formatPart, formatSetting, formatSummary } from './report/report.ts';
import { runBench } from './run.ts';

// pnpm runs this in the package's folder and says where the person stood.
const folder = process.env['INIT_CWD'] ?? process.cwd();
const options = optionsOrEnd();

const results = await runBench(options, {
  progress: (text) => void process.stderr.write(`${text}\n`),
  finished: (_name, result) => void process.stdout.write(`\n${formatPart(result)}\n`),
});
process.stdout.write(`\n${formatSetting(results.setting)}\n\n${formatSummary(results)}\n`);
if (options.jsonFile !== undefined) await writeFile(options.jsonFile, `${JSON.stringify(results, undefined, 2)}\n`);
if (Object.keys(results.failures).length > 0) process.exitCode = 1;

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
