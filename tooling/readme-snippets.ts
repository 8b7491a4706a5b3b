/**
 * Runs the TypeScript snippets of a README from sources, so that documentation cannot rot.
 *
 * Every block fenced as `ts` is a program of its own. What it prints must equal its comments `// → …`, in order;
 * a block without such comments only has to run.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { typeScriptRuntime } from '../scripts/lib/run.mjs';

const execute = promisify(execFile);

/** The `ts` blocks of a Markdown text. */
export function snippetsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
}

/** What a snippet says that it prints. */
export function promisesOf(code: string): string[] {
  return [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text!.trim());
}

/**
 * Runs all snippets of a file.
 *
 * @returns How many there were.
 * @throws Error with the program's output when one fails or prints something else than it says.
 */
export async function runReadmeSnippets(readme: URL): Promise<number> {
  const snippets = snippetsOf(readFileSync(readme, 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'vqkit-snippets-'));
  const { execArgv, env } = typeScriptRuntime();
  try {
    for (const [i, code] of snippets.entries()) {
      const file = join(folder, `snippet-${i}.mts`);
      writeFileSync(file, code);
      const { stdout } = await execute(process.execPath, [...execArgv, file], { env });
      const promised = promisesOf(code);
      const printed = stdout.split('\n').filter((line) => line !== '');
      if (promised.length > 0 && printed.join('\n') !== promised.join('\n')) {
        throw new Error(`${readme.pathname}, snippet ${i + 1} prints\n${stdout}\nbut says\n${promised.join('\n')}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return snippets.length;
}
