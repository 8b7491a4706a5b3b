/** `npm run changeset [-- add|status|…]`: describes a change for users; the packages share one version. */
import { runTool } from './lib/run.mjs';
import { setup } from './setup.mjs';

await setup();
process.exitCode = await runTool(['@changesets/cli', 'changeset'], process.argv.slice(2));
