/** Errors keep their names when an application is minified, which shortens the names of classes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedFolders } from '../scripts/lib/import-rules.mjs';
import { root } from '../scripts/lib/run.mjs';
import { listPackages, listSources } from '../scripts/lib/workspace.mjs';
import { bundleMinified } from './bundle-size.ts';

const folders = listPackages(root).flatMap(({ folder, manifest }) => (manifest.private ? [] : [folder]));
folders.push(...sharedFolders.map(({ path }) => join(root, path)));

const classes = folders
  .flatMap((folder) => listSources(join(folder, 'src')) as string[])
  .filter((file) => !file.endsWith('.test.ts'))
  .flatMap((file) => {
    const found = readFileSync(file, 'utf8').matchAll(/^export class (\w+) extends \w*Error\b/gm);
    return [...found].map(([, name]) => ({ name: name!, file }));
  });

describe('the name of an error in a minified application', () => {
  it.each(classes)('$name', async ({ name, file }) => {
    const code = new TextDecoder().decode(await bundleMinified(`export { ${name} } from ${JSON.stringify(file)};`));
    const { [name]: Made } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    expect(Made.name).not.toBe(name); // it was shortened
    expect(new Made({ code: 'CODE', message: 'message', fix: 'fix' }).name).toBe(name);
  });

  it('is asked of the classes of all packages', () => {
    expect(classes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['VqkitError', 'BitstreamError', 'CliError', 'WeightsError']),
    );
  });
});
