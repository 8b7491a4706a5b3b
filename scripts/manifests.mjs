/**
 * `node scripts/manifests.mjs [--write]`: what every published package says about itself on its page: where its sources
 * are, keywords, and a README whose links work there. The owner is one setting, `repository` in the root manifest; with
 * `--write` the manifests and READMEs follow it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root as ownRoot } from './lib/run.mjs';
import { listPackages } from './lib/workspace.mjs';

/** Fields that follow from the repository, e.g. `github:owner/name`, and the folder of a package. */
export function pageFields(repository, path) {
  const home = `https://github.com/${repository.replace(/^github:/, '')}`;
  return {
    repository: { type: 'git', url: `git+${home}.git`, directory: path },
    homepage: `${home}/tree/main/${path}#readme`,
    bugs: `${home}/issues`,
  };
}

/** How a package under the root starts a script of the root. */
export const scriptOf = (path, name) => `node ${posix.relative(path, posix.join('scripts', `${name}.mjs`))}`;

/** A README with links that work anywhere: to files of the repository as absolute addresses of its owner. */
export function absoluteLinks(markdown, repository, path) {
  const slug = repository.replace(/^github:/, '');
  const [name] = slug.split('/').slice(-1);
  const own = new RegExp(`(https://(?:github|raw\\.githubusercontent)\\.com)/[^/)\\s]+/${name}/`, 'g');
  return markdown.replace(own, `$1/${slug}/`).replace(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, (link, image, text, target) => {
    if (/^[a-z]+:|^#/i.test(target)) return link;
    const base = image ? `https://raw.githubusercontent.com/${slug}/main/` : `https://github.com/${slug}/blob/main/`;
    return `${image}[${text}](${base}${posix.join(path, target)})`;
  });
}

/** Paths of this repository that a README's absolute links name. */
function linkedFiles(markdown, repository) {
  const slug = repository.replace(/^github:/, '');
  const links = [`https://github.com/${slug}/(?:blob|tree)/main/`, `https://raw.githubusercontent.com/${slug}/main/`];
  return [...markdown.matchAll(new RegExp(`\\]\\((?:${links.join('|')})([^)#\\s]+)`, 'g'))].map(([, file]) => file);
}

/**
 * What is wrong with the published packages of a workspace.
 *
 * @param {string} root
 * @param {boolean} write  Mend what follows from the setting.
 * @returns {string[]} `file: what is wrong`
 */
export function checkManifests(root, write = false) {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return listPackages(root).flatMap(({ folder, path, manifest }) => {
    if (manifest.private === true) return [];
    const faults = [];
    const mend = (file, before, after, what) => {
      if (before === after) return;
      if (write) writeFileSync(file, after);
      else faults.push(`${path}/${what}: run node scripts/manifests.mjs --write`);
    };
    const { description, type, license, ...rest } = manifest;
    const { name, version, repository: _, homepage: __, bugs: ___, keywords, ...others } = rest;
    others.scripts = { ...others.scripts, tarball: scriptOf(path, 'tarball') };
    const page = pageFields(repository, path);
    const wanted = { name, version, description, keywords, ...page, type, license, ...others };
    const manifestFile = join(folder, 'package.json');
    const text = (value) => `${JSON.stringify(value, null, 2)}\n`;
    mend(
      manifestFile,
      readFileSync(manifestFile, 'utf8'),
      text(wanted),
      'package.json does not say where its sources are, or lacks the script tarball',
    );
    const readmeFile = join(folder, 'README.md');
    const readme = existsSync(readmeFile) ? readFileSync(readmeFile, 'utf8') : undefined;
    if (readme === undefined) faults.push(`${path}: a published package has a README.md`);
    else {
      const absolute = absoluteLinks(readme, repository, path);
      mend(readmeFile, readme, absolute, 'README.md has links that work only here');
      const lost = linkedFiles(absolute, repository).filter((file) => !existsSync(join(root, file)));
      faults.push(...lost.map((file) => `${path}/README.md: there is no ${file}`));
    }
    if (!description) faults.push(`${path}/package.json: a published package has a description`);
    if (!(keywords?.length >= 3)) faults.push(`${path}/package.json: a published package has three keywords or more`);
    return faults;
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const faults = checkManifests(ownRoot, process.argv.includes('--write'));
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
