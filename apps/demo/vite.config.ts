/**
 * The demo is built from the sources of the workspace, through the entry points that the packages publish: every
 * `@vqkit/…` import is looked up in the `exports` of its manifest, as a browser's bundler would, and `dist` becomes `src`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { packageOf } from '../../scripts/check-imports.mjs';
import { listPackages } from '../../scripts/lib/workspace.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Resolves names of our packages to the sources behind their published entry points. */
function workspaceSources(): Plugin {
  const packages = new Map(listPackages(root).map((pack) => [pack.manifest.name as string, pack]));
  return {
    name: 'vqkit-workspace',
    enforce: 'pre',
    resolveId(id) {
      const pack = packages.get(packageOf(id));
      const entry = pack?.manifest.exports[`.${id.slice(packageOf(id).length)}`];
      return entry && join(pack!.folder, entry.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
    },
  };
}

/** What WebAssembly threads need. `sw.ts` sets the same on static hosts. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // relative, so that any folder of any static server will do
  base: './',
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [
    workspaceSources(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectRegister: false,
      // engines and weights are kept when they are first used
      injectManifest: { globPatterns: ['**/*.{html,js,css,svg,woff2,jpg,webp}'], globIgnores: ['**/*.wasm'] },
      manifest: {
        name: 'vqkit: a photo in two kilobytes',
        short_name: 'vqkit',
        description: 'Compresses photos in the browser, and shows how.',
        display: 'standalone',
        background_color: '#141413',
        theme_color: '#141413',
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
    }),
  ],
  // onnxruntime's engine file is loaded from an address of ours, so that its threads start from it and not from our worker
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  // what the worker imports is not found from the page; found late, it would load the page anew under the visitor's hands
  optimizeDeps: { entries: ['index.html', 'src/worker/worker.ts'] },
  worker: { format: 'es', plugins: () => [workspaceSources()] },
  build: { target: 'es2022', chunkSizeWarningLimit: 1500 },
  server: { headers: isolation },
  preview: { headers: isolation },
});
