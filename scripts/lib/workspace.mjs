/** Lists the packages of the workspace from `pnpm-workspace.yaml`, and the source files in them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const skipped = new Set(['node_modules', 'dist', 'out', '.turbo', 'fixtures', 'peers']);

/** A path with forward slashes on every system, relative to `from`. */
export function posixRelative(from, to) {
  return relative(from, to).split(sep).join('/');
}

/**
 * The packages of a workspace.
 *
 * @param {string} root  The folder of `pnpm-workspace.yaml`; its patterns end in `/*` or name one folder.
 * @returns {{ folder: string, path: string, manifest: Record<string, any> }[]} `path` is relative, with slashes.
 */
export function listPackages(root) {
  const yaml = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const list = /^packages:\n((?:[ #].*\n|\n)*)/m.exec(yaml)?.[1] ?? '';
  const patterns = [...list.matchAll(/^\s*-\s*['"]?([^'"\s#]+)/gm)].map(([, pattern]) => pattern);
  const folders = patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [join(root, pattern)];
    const parent = join(root, pattern.slice(0, -2));
    if (!existsSync(parent)) return [];
    const entries = readdirSync(parent, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name));
  });
  return folders
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({
      folder,
      path: posixRelative(root, folder),
      manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    }));
}

/** All TypeScript and JavaScript source files below a folder, sorted; generated and fixture folders are left out. */
export function listSources(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : listSources(join(folder, entry.name));
      return /\.[cm]?[jt]sx?$/.test(entry.name) ? [join(folder, entry.name)] : [];
    })
    .sort();
}
