/** `npm run lint [-- --write] [paths]`: lints; warnings count as errors. */
import { runTool } from './lib/run.mjs';
import { setup } from './setup.mjs';

await setup();
process.exitCode = await runTool(
  ['@biomejs/biome', 'biome'],
  ['lint', '--error-on-warnings', ...process.argv.slice(2)],
);
