/**
 * `node scripts/check-imports.mjs [root]`: checks the direction of imports between packages from the imports that the
 * sources really have, tests included, and from the manifests. Prints `file:line: what: the rule` for each violation.
 */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { closedFolders, describeRule, isOurs, matches, mayImport, sharedFolders } from './lib/import-rules.mjs';
import { root as ownRoot } from './lib/run.mjs';
import { listPackages, listSources, posixRelative } from './lib/workspace.mjs';

const builtins = new Set(builtinModules);

/** The imports of a source text, static, dynamic and re-exports: `{ specifier, line }`. */
export function importsOf(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    line: text.slice(0, pos).split('\n').length,
  }));
}

/** The package a bare specifier names: `@vqkit/core/testing` → `@vqkit/core`. */
export function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Whether a file is a test or test equipment: its imports reach no user. Core's `testing` is different: it is published. */
export function isTestFile(path) {
  const isEquipment = /\/(conformance|test|testing)\//.test(path) && !path.startsWith('packages/core/src/testing/');
  return /\.(test|bench)\.[cm]?[jt]sx?$/.test(path) || isEquipment;
}

/** What is wrong with one import, in words; undefined when nothing is. */
function faultOf({ specifier, file, pack, packages, rootManifest, root }) {
  const path = posixRelative(root, file);
  const isTest = isTestFile(path);
  const { name, private: isPrivate = false } = pack.manifest;
  const isRelative = specifier.startsWith('.');
  const target = isRelative ? posixRelative(root, resolve(dirname(file), specifier)) : packageOf(specifier);
  const isBuiltin = specifier.startsWith('node:') || builtins.has(specifier);
  const closed = closedFolders.find((folder) => path.startsWith(`${folder}/`));
  if (closed !== undefined) {
    const isInside = isRelative && target.startsWith(`${closed}/`);
    const isTestTool = isTest && (specifier === 'vitest' || isBuiltin);
    if (!isInside && !isTestTool) return `${closed} imports nothing from outside its folder`;
  }
  if (isRelative) {
    const isShared = (isTest || isPrivate) && (target.startsWith('tooling/') || target.includes('/conformance/'));
    const isBundled = sharedFolders.some(({ path, of }) => matches(of, name) && target.startsWith(`${path}/`));
    if (isShared || isBundled || target.startsWith(`${pack.path}/`)) return undefined;
    return 'a relative import stays inside its package; import other packages by name';
  }
  if (isBuiltin) return undefined;
  if (target === name) return 'inside a package, import by relative path';
  if (isOurs(target)) {
    if (!mayImport(name, target, { isTest })) return describeRule(name);
    const subpath = `.${specifier.slice(target.length)}`;
    const exported = packages.get(target)?.manifest.exports;
    if (exported !== undefined && !(subpath in exported)) return `${target} has no entry point ${subpath}`;
  }
  const { dependencies, peerDependencies, devDependencies } = pack.manifest;
  const forTests = isTest || isPrivate ? { ...devDependencies, ...rootManifest.devDependencies } : {};
  const isDeclared = target in { ...dependencies, ...peerDependencies, ...forTests };
  if (isDeclared) return undefined;
  return `${target} is not among the ${isTest ? 'dependencies' : 'dependencies (or peers)'} of ${name}`;
}

/** Line of a dependency in a manifest's text, for messages. */
function lineOf(text, name) {
  return text.slice(0, Math.max(0, text.indexOf(`"${name}":`))).split('\n').length;
}

/** Violations in a manifest: dependencies on packages of ours that the table does not allow. */
function checkManifest({ folder, path, manifest }) {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  const fields = ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies'];
  return fields.flatMap((field) =>
    Object.keys(manifest[field] ?? {})
      .filter((target) => isOurs(target) && !mayImport(manifest.name, target, { isTest: field === 'devDependencies' }))
      .map(
        (target) => `${path}/package.json:${lineOf(text, target)}: ${field} ${target}: ${describeRule(manifest.name)}`,
      ),
  );
}

/**
 * Checks a whole workspace.
 *
 * @param {string} root  The folder of `pnpm-workspace.yaml`.
 * @returns {{ violations: string[], files: number, packages: number }}
 */
export function checkImports(root) {
  const packages = listPackages(root);
  const byName = new Map(packages.map((pack) => [pack.manifest.name, pack]));
  const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const violations = packages.flatMap(checkManifest);
  const folders = sharedFolders.map(({ path, name }) => ({ path, folder: join(root, path), manifest: { name } }));
  let files = 0;
  for (const pack of [...packages, ...folders]) {
    // the bundler configuration is shared by the whole repository and reaches no user
    const sources = listSources(pack.folder).filter((file) => !/(tsup|vite|vitest)\.config\.[jt]s$/.test(file));
    for (const file of sources) {
      files += 1;
      for (const { specifier, line } of importsOf(readFileSync(file, 'utf8'))) {
        const fault = faultOf({ specifier, file, pack, packages: byName, rootManifest, root });
        if (fault !== undefined) violations.push(`${posixRelative(root, file)}:${line}: '${specifier}': ${fault}`);
      }
    }
  }
  return { violations, files, packages: packages.length };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { violations, files, packages } = checkImports(process.argv[2] ?? ownRoot);
  for (const violation of violations) process.stderr.write(`${violation}\n`);
  process.stdout.write(`imports: ${files} files in ${packages} packages, ${violations.length} violations\n`);
  if (violations.length > 0) process.exitCode = 1;
}
