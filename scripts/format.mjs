/** `npm run format [-- --check] [paths]`: formats files and sorts imports, or with `--check` only says what it would do. */
import { runTool } from './lib/run.mjs';
import { setup } from './setup.mjs';

await setup();
const args = process.argv.slice(2).filter((arg) => arg !== '--check');
const write = process.argv.includes('--check') ? [] : ['--write'];
const only = ['--linter-enabled=false', '--error-on-warnings'];
process.exitCode = await runTool(['@biomejs/biome', 'biome'], ['check', ...only, ...write, ...args]);
