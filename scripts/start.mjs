/** `npm start [-- photo.jpg …]`: sets up, then compresses and restores a photograph and shows what happened. */
import { runTypeScript } from './lib/run.mjs';
import { setup } from './setup.mjs';

await setup();
process.exitCode = await runTypeScript('packages/cli/src/start.ts', process.argv.slice(2));
