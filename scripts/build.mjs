/** `npm run build [-- package …]`: bundles every package, or the named ones and what they need, into `dist` folders. */
import { runPnpm } from './lib/pnpm.mjs';
import { setup } from './setup.mjs';

await setup();
const filters = process.argv.slice(2).map((name) => `--filter=${name}`);
process.exitCode = await runPnpm(['exec', 'turbo', 'run', 'build', '--output-logs=errors-only', ...filters]);
