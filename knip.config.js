/**
 * What `npm run check` takes for used: a package's public API is what its entry points list by hand; everything else
 * that is exported, declared as a dependency or kept as a file has to be used by something.
 */
import { listPackages } from './scripts/lib/workspace.mjs';

/** The sources behind the entry points and programs of a manifest: `./dist/web.js` → `src/web.ts`. */
function entriesOf({ exports = {}, bin = {} }) {
  const files = JSON.stringify([exports, bin]).match(/(?<="\.\/dist\/)[^"]+(?=\.js")/g) ?? ['index'];
  return [...new Set(files)].map((file) => `src/${file}.ts`);
}

// what is started as a program, or imported by a computed name
const programs = [
  'conformance/*.ts',
  'src/**/testing/make-*.ts',
  'src/testing/tiny-weights.ts',
  'src/start.ts',
  'src/batch/work.ts',
  'src/testing/*-run.ts',
  // of the demo: the page, its service worker, and what is measured of it
  'src/{main.tsx,sw.ts}',
  'src/testing/{times,lighthouse}.ts',
];

export default {
  workspaces: {
    '.': {
      entry: [
        'scripts/*.mjs',
        'tooling/conformance.ts',
        'tooling/fuzz/{fuzz,child}.ts',
        'tooling/consumers/consumers.ts',
        'tooling/site/build.ts',
        'examples/*/*.{js,mjs}',
      ],
      project: ['scripts/**/*.mjs', 'tooling/**/*.ts', 'packages/weights/shared/**/*.ts'],
    },
    ...Object.fromEntries(
      listPackages(import.meta.dirname).map(({ path, manifest }) => [
        path,
        { entry: [...entriesOf(manifest), ...programs, '**/*.{bench,papers}.ts'], project: ['**/*.{ts,tsx}'] },
      ]),
    ),
  },
  // named as text where tools are started, and fonts, the default weights and what JSX becomes are found
  ignoreBinaries: ['mount', 'umount', 'redis-server'],
  ignoreDependencies: [
    '@biomejs/biome',
    '@arethetypeswrong/cli',
    'publint',
    'turbo',
    '@expo-google-fonts/lato',
    '@vqkit/weights-photo',
    '@vqkit/weights-photo-transformer',
    '@vqkit/weights-sr-x4',
    '@vqkit/weights-sr-x4-real',
    'preact',
  ],
  // engines that users bring
  ignoreIssues: { 'packages/backend-tfjs/package.json': ['optionalPeerDependencies'] },
  // the type of an argument or a result is exported beside its function, whoever names it
  ignoreExportsUsedInFile: { interface: true, type: true },
};
