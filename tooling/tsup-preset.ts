/**
 * The one bundler preset of the published packages: ES modules, declarations, dependencies left external.
 *
 * Builds see other packages as their users do, through `node_modules` and `dist`; the source paths that
 * type checks and tests use are switched off by `tsconfig.build.json`.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsup';

/**
 * Returns the tsup configuration of one package.
 *
 * @param entry  Source files of the package's entry points, e.g. `['src/index.ts']`; by name where they have to lie beside each other.
 * @param dts  More about declarations.
 */
export function preset(
  entry: string[] | Record<string, string>,
  dts: { readonly banner?: string } = {},
): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    dts,
    clean: true,
    sourcemap: false,
    splitting: true,
    treeshake: false,
    silent: true,
    tsconfig: fileURLToPath(new URL('./tsconfig.build.json', import.meta.url)),
  });
}
