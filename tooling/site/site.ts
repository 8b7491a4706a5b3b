/** How the site looks: its bars and its search. */
import type { DefaultTheme, UserConfig } from 'vitepress';
import type { EntryPoint } from './api.ts';
import type { Page } from './pages.ts';

const parts: readonly Page['part'][] = ['Guides', 'Packages', 'Results and formats', 'Project'];

/** The configuration of VitePress: JSON. */
export function configOf(
  pages: readonly Page[],
  entries: readonly EntryPoint[],
  home: string,
  out: string,
): UserConfig<DefaultTheme.Config> {
  const items = (part: Page['part']) =>
    pages
      .filter((page) => page.part === part)
      .map(({ title, path }) => ({ text: title, link: path === 'index' ? '/' : `/${path}` }));
  const sections = parts.map((part) => ({ text: part, items: items(part), collapsed: part === 'Project' }));
  const reference = entries.map(({ name }) => ({ text: name, link: `/api/${name}/` }));
  return {
    title: 'vqkit',
    description: 'Vector-quantized image models in TypeScript: quantizers, an image codec, metrics.',
    outDir: out,
    cleanUrls: true,
    markdown: { html: false },
    themeConfig: {
      search: { provider: 'local' },
      outline: [2, 3],
      nav: [
        { text: 'Guides', link: '/guide/compress-in-node' },
        { text: 'API', link: '/api/' },
        { text: 'Results', link: '/docs/results' },
        { text: 'Demo', link: `${home}/tree/main/apps/demo` },
      ],
      sidebar: [...sections, { text: 'API', items: reference, collapsed: true }],
      socialLinks: [{ icon: 'github', link: home }],
    },
  };
}
