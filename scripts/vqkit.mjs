/**
 * `npm run -s vqkit -- …`: the command line from its sources. Prints nothing of its own on standard output, and runs
 * where the user is, so that relative paths mean what they say.
 */
import { runTypeScript } from './lib/run.mjs';
import { setup } from './setup.mjs';

await setup();
const cwd = process.env.INIT_CWD ?? process.cwd();
process.exitCode = await runTypeScript('packages/cli/src/bin.ts', process.argv.slice(2), { cwd });
