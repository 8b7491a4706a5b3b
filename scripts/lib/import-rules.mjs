/**
 * Who may import whom: the direction of imports between packages, as one table.
 *
 * Imports point one way: core, then backends, quantizers and metrics, then models, then codec and sr, then training, then
 * the command line, the demo and the benchmarks. Tests may reach a little further (a fast backend, weights), but never
 * so that packages would build in a circle.
 */

/** Each rule: package, what its sources may import, and what its tests may import besides; `*` ends a prefix. */
export const rules = [
  { name: '@vqkit/core', imports: [], tests: [] },
  { name: '@vqkit/backend-*', imports: ['@vqkit/core'], tests: [] },
  {
    name: '@vqkit/quantizer-product',
    imports: ['@vqkit/core'],
    tests: ['@vqkit/backend-*', '@vqkit/quantizer-vq', '@vqkit/quantizer-fsq'],
  },
  {
    name: '@vqkit/quantizer-residual',
    imports: ['@vqkit/core'],
    tests: ['@vqkit/backend-*', ...['vq', 'fsq', 'lookup-free', 'product'].map((name) => `@vqkit/quantizer-${name}`)],
  },
  { name: '@vqkit/quantizer-*', imports: ['@vqkit/core'], tests: ['@vqkit/backend-*'] },
  { name: '@vqkit/images', imports: ['@vqkit/core'], tests: ['@vqkit/backend-*'] },
  { name: '@vqkit/metrics', imports: ['@vqkit/core', '@vqkit/images'], tests: ['@vqkit/backend-*'] },
  {
    name: '@vqkit/models',
    imports: ['@vqkit/core'],
    tests: ['@vqkit/backend-*', '@vqkit/quantizer-*', '@vqkit/metrics'],
  },
  {
    name: '@vqkit/tokenizer',
    imports: ['@vqkit/core', '@vqkit/images', '@vqkit/models'],
    tests: ['@vqkit/backend-*', '@vqkit/quantizer-*'],
  },
  {
    name: '@vqkit/training',
    imports: [
      '@vqkit/core',
      '@vqkit/images',
      '@vqkit/models',
      '@vqkit/tokenizer',
      '@vqkit/codec',
      '@vqkit/quantizer-*',
      '@vqkit/metrics',
    ],
    tests: ['@vqkit/backend-*'],
  },
  {
    name: '@vqkit/codec',
    imports: ['@vqkit/core', '@vqkit/images', '@vqkit/models', '@vqkit/tokenizer'],
    tests: ['@vqkit/backend-*', '@vqkit/quantizer-*', '@vqkit/metrics', '@vqkit/weights-*'],
  },
  {
    name: '@vqkit/sr',
    imports: ['@vqkit/core', '@vqkit/images', '@vqkit/models', '@vqkit/tokenizer'],
    tests: ['@vqkit/backend-*', '@vqkit/quantizer-*', '@vqkit/metrics', '@vqkit/weights-*'],
  },
  { name: '@vqkit/batch', imports: ['@vqkit/core'], tests: [] },
  { name: '@vqkit/weights-*', imports: [], tests: ['@vqkit/core'] },
  { name: 'vqkit', imports: ['@vqkit/*'], tests: [] },
  { name: '@vqkit/demo', imports: ['@vqkit/*', 'vqkit'], tests: [] },
  { name: '@vqkit/bench', imports: ['@vqkit/*', 'vqkit'], tests: [] },
];

/** Packages that are never published: nothing imports them. */
const leaves = ['@vqkit/demo', '@vqkit/bench'];

/** Folders that import nothing from outside themselves, whatever their package may do. */
export const closedFolders = ['packages/codec/src/bitstream'];

/**
 * Folders that are no packages: those whose names match have their sources in their bundles, and import them by relative path. They
 * keep to the rule of their own name.
 */
export const sharedFolders = [
  { path: 'packages/weights/shared', name: '@vqkit/weights-shared', of: '@vqkit/weights-*' },
];

/** Whether a package name matches a pattern of the table. */
export function matches(pattern, name) {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** The rule of a package: the first one that matches. */
function ruleOf(name) {
  return rules.find((rule) => matches(rule.name, name));
}

/** Whether `name`'s sources, or its tests, may import the package `target`. */
export function mayImport(name, target, { isTest }) {
  const rule = ruleOf(name);
  if (rule === undefined || leaves.includes(target)) return false;
  return [...rule.imports, ...(isTest ? rule.tests : [])].some((pattern) => matches(pattern, target));
}

/** Whether a package of this name belongs to the monorepo. */
export function isOurs(name) {
  return name === 'vqkit' || name.startsWith('@vqkit/');
}

/** A rule in words, for messages. */
export function describeRule(name) {
  const rule = ruleOf(name);
  if (rule === undefined) return `${name} has no rule: add one to scripts/lib/import-rules.mjs`;
  const tests = rule.tests.length > 0 ? `; its tests also ${rule.tests.join(', ')}` : '';
  return `${name} may import ${rule.imports.join(', ') || 'no package of ours'}${tests}`;
}
