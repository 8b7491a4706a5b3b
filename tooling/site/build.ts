/**
 * `npm run docs`: builds the site into `out/docs`: guides, READMEs, specifications and results as they lie in the repository, an API
 * reference made of docstrings, and a search over all of it. A link that leads nowhere fails the build.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { listEntryPoints, writeApi } from './api.ts';
import { imagesOf, listPages, rewriteLinks } from './pages.ts';
import { configOf } from './site.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const content = join(root, 'out/docs-content');
const out = join(root, 'out/docs');

const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { repository: string };
const home = repository.replace(/^github:/, 'https://github.com/');
const { paths } = (
  JSON.parse(readFileSync(join(root, 'tsconfig.base.json'), 'utf8')) as {
    compilerOptions: { paths: Record<string, string[]> };
  }
).compilerOptions;

/** Source of an entry point, by the paths of the base configuration: exact names first, then the longest pattern. */
function sourceOf(name: string): string | undefined {
  if (paths[name]) return paths[name][0];
  const patterns = Object.keys(paths).filter((key) => key.endsWith('*') && name.startsWith(key.slice(0, -1)));
  const [pattern] = patterns.sort((a, b) => b.length - a.length);
  const file = pattern && paths[pattern]?.[0]?.replace('*', name.slice(pattern.length - 1));
  return file !== undefined && existsSync(join(root, file)) ? file : undefined;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(content, path)), { recursive: true });
  writeFileSync(join(content, path), text);
}

rmSync(content, { recursive: true, force: true });
const pages = listPages(root);
for (const page of pages) {
  // comments would be shown: HTML is text on the site
  const text = readFileSync(join(root, page.source), 'utf8').replace(/^<!-- .* -->\n/gm, '');
  write(`${page.path}.md`, rewriteLinks(text, page, pages, home));
  for (const image of imagesOf(text, page.source)) cpSync(join(root, image), join(content, 'public/files', image));
}
process.stderr.write('reading docstrings …\n');
const entries = listEntryPoints(root, sourceOf);
await writeApi(root, entries, join(content, 'api'));
write(
  '.vitepress/config.mjs',
  `export default ${JSON.stringify(configOf(pages, entries, home, out), undefined, 2)};\n`,
);
await build(content);
process.stderr.write(`${pages.length} pages and ${entries.length} entry points: ${join(out, 'index.html')}\n`);
