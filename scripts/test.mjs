/**
 * `npm test [-- paths or vitest options]`: sets up, runs the tests once, and ends with a line of counts.
 *
 * The counts come from vitest's JSON report, `out/test-report.json`, which `test-counts.mjs` also reads.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, runTool } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { countsLine, readCounts } from './test-counts.mjs';

const report = join(root, 'out', 'test-report.json');

await setup();
rmSync(report, { force: true });
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const status = await runTool(['vitest'], ['run', ...reporters, ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
const counts = readCounts(report);
process.stdout.write(counts === undefined ? 'no test report was written\n' : `${countsLine(counts)}\n`);
process.exitCode = status === 0 && counts === undefined ? 1 : status;
