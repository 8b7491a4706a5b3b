/** `npm run bench -- <name> [--json] [options]`: runs one side-by-side benchmark; see `bench/run.ts`. */
import { runTypeScript } from './lib/run.mjs';
import { setup } from './setup.mjs';

await setup();
process.exitCode = await runTypeScript('bench/run.ts', process.argv.slice(2));
