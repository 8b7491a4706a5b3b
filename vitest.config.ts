/** Runs every test of the monorepo on sources: the aliases are the paths of `tsconfig.base.json`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { hangMs } from './tooling/time-limit.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const base = JSON.parse(readFileSync(new URL('./tsconfig.base.json', import.meta.url), 'utf8')) as {
  compilerOptions: { paths: Record<string, [string]> };
};

// as in TypeScript: exact names first, then the pattern with the longest text before its star
const weight = (name: string): number => (name.includes('*') ? name.indexOf('*') : Number.POSITIVE_INFINITY);
const alias = Object.entries(base.compilerOptions.paths)
  .sort(([a], [b]) => (weight(a) < weight(b) ? 1 : -1))
  .map(([name, [source]]) => ({
    find: new RegExp(`^${name.replace('*', '([^/]+)')}$`),
    replacement: `${root}${source.replace('./', '').replace('*', '$1')}`,
  }));

export default defineConfig({
  root,
  resolve: { alias },
  test: {
    include: [
      'packages/**/src/**/*.test.ts',
      'packages/*/{conformance,test}/**/*.test.ts',
      'apps/**/src/**/*.test.ts',
      'bench/**/*.test.ts',
      'examples/**/*.test.ts',
      'scripts/**/*.test.{ts,mjs}',
      'tooling/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', 'bench/peers/**'],
    globalSetup: 'tooling/int8-weights.ts',
    pool: 'forks',
    maxWorkers: 2,
    // worker threads that tests start run TypeScript sources as well
    execArgv: ['--import', new URL('./scripts/lib/typescript-workers.mjs', import.meta.url).href],
    env: { TSX_TSCONFIG_PATH: `${root}tsconfig.json` },
    testTimeout: hangMs,
    hookTimeout: hangMs,
  },
});
