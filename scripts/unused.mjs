/** `node scripts/unused.mjs`: unused files, dependencies and exports, by knip; what counts as used is in `knip.config.js`. */
import { runTool } from './lib/run.mjs';
import { setup } from './setup.mjs';

await setup();
process.exitCode = await runTool(['knip'], ['--no-config-hints', ...process.argv.slice(2)]);
