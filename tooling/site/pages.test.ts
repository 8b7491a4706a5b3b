import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/lib/run.mjs';
import { linksOf, listPages, rewriteLinks, targetOf, titleOf } from './pages.ts';

const pages = listPages(root);

describe('the pages of the site', () => {
  it('are guides, packages and documents, each once and with a title', () => {
    const paths = pages.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toEqual(
      expect.arrayContaining(['index', 'guide/compress-in-node', 'docs/tokens', 'docs/bitstream', 'packages/codec']),
    );
    expect(pages.filter(({ title }) => title === '')).toEqual([]);
  });

  it.each(pages.map(({ source }) => source))('%s links to what is there', (source) => {
    const links = linksOf(readFileSync(join(root, source), 'utf8'));
    expect(links.filter((link) => !existsSync(join(root, targetOf(source, link))))).toEqual([]);
  });
});

describe('rewriteLinks', () => {
  const page = { source: 'docs/guide/a.md', path: 'guide/a', title: 'A', part: 'Guides' } as const;
  const other = {
    source: 'packages/codec/README.md',
    path: 'packages/codec',
    title: 'Codec',
    part: 'Packages',
  } as const;
  const rewrite = (text: string): string => rewriteLinks(text, page, [page, other], 'https://example.org/vqkit');

  it('leads to pages where there are, else to files of the repository', () => {
    expect(rewrite('[a](../../packages/codec/README.md#errors)')).toBe('[a](/packages/codec.md#errors)');
    expect(rewrite('[a](../../packages/codec)')).toBe('[a](/packages/codec.md)');
    expect(rewrite('[a](https://example.org/vqkit/blob/main/docs/guide/a.md)')).toBe('[a](/guide/a.md)');
    expect(rewrite('[a](../../examples/x)')).toBe('[a](https://example.org/vqkit/blob/main/examples/x)');
    expect(rewrite('![a](../images/x.png)')).toBe('![a](/files/docs/images/x.png)');
    expect(rewrite('[![a](../images/x.png)](../../examples/x)')).toBe(
      '[![a](/files/docs/images/x.png)](https://example.org/vqkit/blob/main/examples/x)',
    );
    expect(rewrite('[a](https://example.com) [b](#c)')).toBe('[a](https://example.com) [b](#c)');
  });

  it('finds titles and links, not those in code', () => {
    expect(titleOf('text\n# `a` b\n')).toBe('a b');
    expect(linksOf('[a](b.md) `[c](d)`\n```ts\n[e](f)\n```\n[![g](h.png)](i.md)\n')).toEqual(['b.md', 'h.png', 'i.md']);
  });
});
