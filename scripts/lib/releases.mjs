/** What a release is made of: packages in the order of their dependencies, pending changesets, tags. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPackages } from './workspace.mjs';

/** Packages that are published, each after those of ours that it needs. */
export function publishedPackages(root) {
  const all = new Map(
    listPackages(root)
      .filter(({ manifest }) => manifest.private !== true)
      .map((pack) => [pack.manifest.name, pack]),
  );
  const ordered = new Set();
  const visit = (pack) => {
    for (const name of Object.keys(pack.manifest.dependencies ?? {})) if (all.has(name)) visit(all.get(name));
    ordered.add(pack);
  };
  for (const pack of all.values()) visit(pack);
  return [...ordered];
}

/** Changesets that wait, by file name. */
export function pendingChangesets(root) {
  return readdirSync(join(root, '.changeset')).filter((file) => file.endsWith('.md') && file !== 'README.md');
}

/** What git says; throws with its message when it fails. */
export function git(root, ...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

/** The tags of a release: one for the packages that share a version, one for each that has its own. */
export function tagsOf(packages) {
  const tagOf = ({ name, version }) => (name.startsWith('@vqkit/weights-') ? `${name}@${version}` : `v${version}`);
  return [...new Set(packages.map(({ manifest }) => tagOf(manifest)))];
}

/** Brings the ranges by which the examples ask for our packages up to the versions here. */
export function updateExamples(root) {
  const versions = new Map(publishedPackages(root).map(({ manifest }) => [manifest.name, manifest.version]));
  for (const name of readdirSync(join(root, 'examples'))) {
    const file = join(root, 'examples', name, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    for (const dependency of Object.keys(manifest.dependencies)) {
      if (versions.has(dependency)) manifest.dependencies[dependency] = `^${versions.get(dependency)}`;
    }
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}
