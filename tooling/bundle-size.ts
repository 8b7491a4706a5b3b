/** Measures what a package costs its users: the bytes of a minified bundle, made from sources with unused code removed. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bytes of one bundle. */
export interface BundleSize {
  readonly minified: number;
  readonly gzipped: number;
}

/**
 * Bundles a snippet for the browser, minified.
 *
 * @param code  An ES module, e.g. `export { add } from '@vqkit/core'`.
 * @param external  Packages to leave out, e.g. `['@vqkit/*']`; packages that are not ours are always left out.
 * @throws esbuild's error when an import does not resolve.
 */
export async function bundleMinified(code: string, external: readonly string[] = []): Promise<Uint8Array> {
  const isOurs = /^(\.|\/|[a-z]:\\|@vqkit\/|vqkit$)/i;
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)),
    external: [...external],
    plugins: [
      {
        name: 'third-party',
        setup: ({ onResolve }) =>
          onResolve({ filter: /.*/ }, ({ path }) => (isOurs.test(path) ? undefined : { path, external: true })),
      },
    ],
    logLevel: 'silent',
  });
  return outputFiles[0]!.contents;
}

/** The size of such a bundle; parameters and errors as there. */
export async function bundleSize(code: string, external: readonly string[] = []): Promise<BundleSize> {
  const bytes = await bundleMinified(code, external);
  return { minified: bytes.length, gzipped: gzipSync(bytes).length };
}
