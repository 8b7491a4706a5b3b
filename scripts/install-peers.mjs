/** `node scripts/install-peers.mjs`: installs the libraries that benchmarks compare with into `bench/peers`. */
import { join } from 'node:path';
import { runPnpm } from './lib/pnpm.mjs';
import { root } from './lib/run.mjs';

const install = ['install', '--ignore-workspace', '--frozen-lockfile'];
process.exitCode = await runPnpm(install, { cwd: join(root, 'bench', 'peers'), stdio: ['ignore', 2, 2] });
