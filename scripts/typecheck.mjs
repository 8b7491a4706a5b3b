/** `npm run typecheck`: type-checks all sources, tests, scripts and benchmarks in one program. */
import { runTool } from './lib/run.mjs';
import { setup } from './setup.mjs';

await setup();
process.exitCode = await runTool(['typescript', 'tsc'], ['--noEmit', '-p', 'tsconfig.json', ...process.argv.slice(2)]);
