/** The pages of the site: what lies in the repository as Markdown, and where it goes. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { listPackages } from '../../scripts/lib/workspace.mjs';

/** A page. */
export interface Page {
  /** Path in the repository. */
  readonly source: string;
  /** Path on the site, without extension. */
  readonly path: string;
  readonly title: string;
  /** Part of the sidebar. */
  readonly part: 'Guides' | 'Packages' | 'Results and formats' | 'Project';
}

/** Guides in the order in which they are read. */
const guides = [
  'docs/guide/compress-in-node.md',
  'docs/guide/decode-in-a-page.md',
  'docs/tokens.md',
  'docs/guide/upscale.md',
  'docs/guide/train-your-own.md',
  'docs/guide/write-a-quantizer.md',
  'docs/guide/write-a-backend.md',
];

/** The first heading of a Markdown text. */
export function titleOf(markdown: string): string {
  return /^# (.*)$/m.exec(markdown)?.[1]?.replaceAll('`', '') ?? 'vqkit';
}

/** All pages, in the order of the sidebar. */
export function listPages(root: string): Page[] {
  const page = (source: string, path: string, part: Page['part']): Page => {
    return { source, path, part, title: titleOf(readFileSync(join(root, source), 'utf8')) };
  };
  const documents = readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`);
  const packages = listPackages(root).filter(({ manifest }) => !manifest.private);
  return [
    ...guides.map((file) => page(file, file.replace(/^docs\/(?=guide)|\.md$/g, ''), 'Guides')),
    ...documents
      .filter((file) => !guides.includes(file))
      .map((file) => page(file, file.slice(0, -3), 'Results and formats')),
    ...packages.flatMap(({ path }) =>
      readdirSync(join(root, path)).includes('README.md') ? [page(`${path}/README.md`, path, 'Packages')] : [],
    ),
    page('README.md', 'index', 'Project'),
    page('CONTRIBUTING.md', 'contributing', 'Project'),
  ];
}

/** A link in Markdown: its text, which may be a picture or hold brackets, and what is linked to. */
const linkPattern = /(!?\[)((?:[^[\]\\]|\\.|\[[^\]]*\](?:\([^)]*\))?)*)(\]\()([^)\s]+)\)/g;

/** Links of a text that lead somewhere in the repository, as they stand there. Code is left out. */
export function linksOf(markdown: string): string[] {
  const text = markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...text.matchAll(linkPattern)].flatMap(([, , label = '', , target = '']) => [
    ...linksOf(label),
    ...(/^[a-z]+:|^#/.test(target) ? [] : [target]),
  ]);
}

/** The path in the repository that a link of a page leads to. */
export function targetOf(source: string, link: string): string {
  return posix.normalize(posix.join(dirname(source), link.replace(/#.*$/, ''))).replace(/\/$/, '');
}

/**
 * Rewrites the links of a page for the site: to pages where there are, else to the file in the repository's host.
 *
 * @param home  Address of the repository, for files that are no pages.
 */
export function rewriteLinks(markdown: string, page: Page, pages: readonly Page[], home: string): string {
  const { source } = page;
  const bySource = new Map(
    pages.flatMap(
      (other) =>
        [
          [other.source, other],
          [other.source.replace(/\/README\.md$/, ''), other],
        ] as const,
    ),
  );
  const own = `${home}/blob/main/`;
  return markdown.replace(linkPattern, (_, open: string, label: string, middle: string, target: string) => {
    const before = open + rewriteLinks(label, page, pages, home) + middle;
    const path = target.startsWith(own) ? target.slice(own.length) : target;
    if (/^[a-z]+:|^#/.test(path)) return `${before}${target})`;
    const file = path === target ? targetOf(source, path) : path.replace(/#.*$/, '');
    const found = bySource.get(file);
    const fragment = /#.*$/.exec(path)?.[0] ?? '';
    if (found !== undefined) return `${before}/${found.path}.md${fragment})`;
    return `${before}${open === '![' ? `/files/${file}` : `${own}${file}${fragment}`})`;
  });
}

/** Paths in the repository of the pictures that a page shows. */
export function imagesOf(markdown: string, source: string): string[] {
  const images = [...markdown.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return images.filter((target) => !/^[a-z]+:/.test(target)).map((target) => targetOf(source, target));
}
