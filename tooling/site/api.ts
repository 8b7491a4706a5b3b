/** The API pages: what docstrings say, by TypeDoc, one page for each entry point of each package. */
import { join } from 'node:path';
import { Application } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { listPackages } from '../../scripts/lib/workspace.mjs';

/** An entry point. */
export interface EntryPoint {
  /** What one imports. */
  readonly name: string;
  /** Its source file. */
  readonly file: string;
}

/** The entry points of all published packages. */
export function listEntryPoints(root: string, resolve: (name: string) => string | undefined): EntryPoint[] {
  return listPackages(root)
    .filter(({ manifest }) => !manifest.private)
    .flatMap(({ manifest }) =>
      Object.keys(manifest.exports)
        .filter((path) => !/package\.json$|\*/.test(path))
        .map((path) => manifest.name + path.slice(1)),
    )
    .flatMap((name) => {
      const file = resolve(name);
      return file === undefined ? [] : [{ name, file: join(root, file) }];
    });
}

/** Writes the pages as Markdown. @throws Error when sources do not compile */
export async function writeApi(root: string, entries: readonly EntryPoint[], out: string): Promise<void> {
  const options: Partial<PluginOptions> = {
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    entryFileName: 'index',
  };
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entries.map(({ file }) => file),
    tsconfig: join(root, 'tsconfig.json'),
    plugin: ['typedoc-plugin-markdown'],
    router: 'module', // a page for each entry point
    skipErrorChecking: true, // npm run check does that
    excludeInternal: true,
    readme: 'none',
    name: 'API',
    disableSources: true,
    logLevel: 'Error',
    outputs: [{ name: 'markdown', path: out }],
    ...options,
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc found no sources that it can read');
  // Modules are called what one imports; TypeDoc calls them after their files.
  for (const module of project.children ?? []) {
    const files = [`${module.name}.ts`, `${module.name}/index.ts`].map((file) => join(root, 'packages', file));
    module.name = entries.find(({ file }) => files.includes(file))?.name ?? module.name;
  }
  await app.generateOutputs(project);
}
