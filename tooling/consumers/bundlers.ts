/** The bundlers: what an application has to write for each, and how it is built or served. */
import { readFileSync } from 'node:fs';

/** One bundler in one of its modes. */
export interface Bundler {
  readonly name: string;
  /** Files of the application: path → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Programs to run one after the other: a file below `node_modules` and its arguments. */
  readonly build?: readonly (readonly string[])[];
  /** A development server instead; the port is added to its arguments. */
  readonly serve?: readonly string[];
  /** Folder with what was built. Default `dist`. */
  readonly output?: string;
  /** What the application needs beyond imports, for the table. */
  readonly needs: string;
}

const source = (name: string): string => readFileSync(new URL(`./app/${name}`, import.meta.url), 'utf8');
const page = (script: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>vqkit</title><link rel="icon" href="data:,"></head><body>${script}</body></html>`;
const modulePage = page('<script type="module" src="./main.js"></script>');
const sources = Object.fromEntries(['main.js', 'worker.js', 'round-trip.js'].map((name) => [name, source(name)]));

/** For bundlers that leave workers alone: the second entry lies beside the first. */
const ownWorker = {
  ...sources,
  'main.js': sources['main.js']!.replace("new URL('./worker.js', import.meta.url)", "'./worker.js'"),
};

/** Next.js: the page is rendered on the server too, the codec runs in the browser. */
const next = {
  ...Object.fromEntries(Object.entries(sources).map(([name, text]) => [`lib/${name}`, text])),
  'next.config.mjs': "export default { output: 'export' };\n",
  'app/layout.js':
    'export default function Layout({ children }) {\n  return <html lang="en"><body>{children}</body></html>;\n}\n',
  'app/page.js':
    "'use client';\nimport { useEffect } from 'react';\n\nexport default function Page() {\n  useEffect(() => void import('../lib/main.js'), []);\n  return <p>vqkit</p>;\n}\n",
};

/** onnxruntime-web served beside the application, for bundlers that do not copy its files. */
const ortServed = (text: string): string => text.replace('threads: 1', "threads: 1, wasmPaths: '/ort/'");

/**
 * What Parcel needs in the manifest. A worker of its does not load what it shares with chunks that it imports later
 * (`Cannot find module`), so nothing is shared. Its parser takes onnxruntime-web's modules for scripts, so it gets the build that is one.
 */
export const parcelFields = {
  '@parcel/resolver-default': { packageExports: true },
  '@parcel/bundler-default': { disableSharedBundles: true },
  alias: Object.fromEntries(
    ['wasm', 'webgpu'].map((kind) => [
      `onnxruntime-web/${kind}`,
      `./node_modules/onnxruntime-web/dist/ort.${kind}.min.js`,
    ]),
  ),
};

/** All of them. */
export const bundlers: readonly Bundler[] = [
  {
    name: 'Vite, development',
    files: { ...sources, 'index.html': modulePage },
    serve: ['vite/bin/vite.js', '--host', '127.0.0.1', '--strictPort', '--port'],
    needs: '',
  },
  {
    name: 'Vite, build',
    files: { ...sources, 'index.html': modulePage },
    build: [['vite/bin/vite.js', 'build']],
    needs: '',
  },
  {
    name: 'webpack',
    files: { ...sources, 'dist/index.html': page('<script src="./main.js"></script>') },
    build: [['webpack/bin/webpack.js', '--mode', 'production', '--entry', './main.js']],
    needs: '',
  },
  {
    name: 'Next.js, Turbopack',
    files: next,
    build: [['next/dist/bin/next', 'build']],
    output: 'out',
    needs: '',
  },
  {
    name: 'Next.js, webpack',
    files: next,
    build: [['next/dist/bin/next', 'build', '--webpack']],
    output: 'out',
    needs: '',
  },
  {
    name: 'Rollup',
    files: {
      ...ownWorker,
      'dist/index.html': modulePage,
      'rollup.config.js': `import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { importMetaAssets } from '@web/rollup-plugin-import-meta-assets';

export default {
  input: ['main.js', 'worker.js'],
  output: { dir: 'dist', format: 'es' },
  plugins: [nodeResolve({ browser: true }), commonjs(), importMetaAssets()],
};
`,
    },
    build: [['rollup/dist/bin/rollup', '--config']],
    needs: '`importMetaAssets()` of `@web/rollup-plugin-import-meta-assets`; `commonjs()` for the ONNX backend',
  },
  {
    name: 'esbuild',
    files: {
      ...ownWorker,
      'dist/index.html': modulePage,
      'round-trip.js': ortServed(
        sources['round-trip.js']!.replace('createCodec(photo,', "createCodec(photo.from('/weights/'),"),
      ),
    },
    build: [
      ['esbuild/bin/esbuild', 'main.js', 'worker.js', '--bundle', '--format=esm', '--splitting', '--outdir=dist'],
    ],
    needs: "`photo.from('/weights/')`, with the package's `files` folder served there; `wasmPaths` likewise",
  },
  {
    name: 'Parcel',
    files: { ...sources, 'round-trip.js': ortServed(sources['round-trip.js']!), 'index.html': modulePage },
    build: [['parcel/lib/bin.js', 'build', 'index.html', '--no-cache', '--public-url', './']],
    needs:
      'in `package.json`: `"@parcel/resolver-default": { "packageExports": true }`, for workers `"@parcel/bundler-default": { "disableSharedBundles": true }`; for the ONNX backend also `"alias": { "onnxruntime-web/wasm": "./node_modules/onnxruntime-web/dist/ort.wasm.min.js" }`, the same for `webgpu`, and `wasmPaths`',
  },
];
