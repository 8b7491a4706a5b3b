/**
 * Counts of a vitest JSON report as one line, `N passed, N failed, N skipped`.
 *
 * `node scripts/test-counts.mjs [report] [--failed-checks N]` prints that line; N other checks that failed are added
 * to the failures. A test file that could not run at all counts as one failure, and so does a missing report.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from './lib/run.mjs';

/** Sums up a parsed report: `{ passed, failed, skipped }`. */
export function sumCounts(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    const statuses = file.assertionResults.map(({ status }) => status);
    for (const status of statuses) counts[status === 'passed' || status === 'failed' ? status : 'skipped'] += 1;
    if (file.status === 'failed' && !statuses.includes('failed')) counts.failed += 1;
  }
  return counts;
}

/** Reads a report file and sums it up; undefined when there is none. */
export function readCounts(file) {
  return existsSync(file) ? sumCounts(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** The line of counts. */
export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'failed-checks': { type: 'string' } },
  });
  const counts = readCounts(positionals[0] ?? join(root, 'out', 'test-report.json')) ?? {
    passed: 0,
    failed: 1,
    skipped: 0,
  };
  counts.failed += Number(values['failed-checks'] ?? 0);
  process.stdout.write(`${countsLine(counts)}\n`);
}
