/**
 * `npm run bench -- <name> [--json] [options]`: runs `bench/<name>/<name>.bench.ts` and prints its report, as text or
 * with `--json` as one JSON object. With `--json` nothing else reaches standard output, whatever a library prints.
 */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Benchmark, type BenchReport, formatReport } from './harness/report.ts';

const folder = new URL('./', import.meta.url);
const moduleOf = (name: string): URL => new URL(`${name}/${name}.bench.ts`, folder);

/** Benchmarks that exist, by name. */
function listBenchmarks(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(fileURLToPath(moduleOf(entry.name))))
    .map((entry) => entry.name)
    .sort();
}

/** Runs one benchmark while everything else that is printed goes to standard error. */
async function runAside(name: string, args: readonly string[]): Promise<BenchReport> {
  const { default: benchmark } = (await import(moduleOf(name).href)) as { default: Benchmark };
  const write = process.stdout.write;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof write;
  try {
    return await benchmark({ args, log: (line) => void process.stderr.write(`${line}\n`) });
  } finally {
    process.stdout.write = write;
  }
}

const [name, ...rest] = process.argv.slice(2);
const isJson = rest.includes('--json');
const names = listBenchmarks();

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- <${names.join(' | ') || 'none yet'}> [--json] [options]\n`);
  process.exitCode = 2;
} else {
  try {
    const args = rest.filter((arg) => arg !== '--json');
    const report = await runAside(name, args);
    process.stdout.write(isJson ? `${JSON.stringify(report)}\n` : `${formatReport(report)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}
