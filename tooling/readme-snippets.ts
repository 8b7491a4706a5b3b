/**
 * Runs the TypeScript snippets of a README from sources, so that documentation cannot rot.
 *
 * Every block fenced as `ts` is a program of its own. What it prints must equal its comments `// → …`, in order;
 * a block without such comments only has to run. One that begins with `// name.ts` is a file that those after it import. They run in a
 * folder with `photo.jpg`, a folder `photos` and weights of super-resolution in `run/sr-rap`, and find what the command line is installed with.
 */
import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeWeights } from '@vqkit/tokenizer/node';
import { toolFile, typeScriptRuntime } from '../scripts/lib/run.mjs';
import { tinyFiles } from './tiny-sr-weights.ts';

const execute = promisify(execFile);

/** A program in a Markdown text. */
export interface Snippet {
  readonly language: string;
  readonly code: string;
  /** Why it is not run: what stands after `ts no-run: `; then it has to compile. */
  readonly reason: string | undefined;
  readonly isRun: boolean;
}

/** The JavaScript and TypeScript of a Markdown text. */
export function snippetsOf(markdown: string): Snippet[] {
  const blocks = markdown.matchAll(/^ *```(\w+)( no-run(?:: (.+))?)?.*\n([\s\S]*?)^ *```$/gm);
  return [...blocks]
    .map(([, language = '', mark, reason, code = '']) => ({ language, code, reason, isRun: mark === undefined }))
    .filter(({ language }) => /^([jt]sx?|javascript|typescript|[mc][jt]s)$/.test(language));
}

/** What a snippet says that it prints. */
export function promisesOf(code: string): string[] {
  return [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text!.trim());
}

/**
 * Runs all snippets of a file.
 *
 * @param env  More variables; a snippet that reads one which nobody gave, such as `process.env.REDIS_URL`, is left out.
 * @returns How many there were.
 * @throws Error with the program's output when one fails or prints something else than it says.
 */
export async function runReadmeSnippets(readme: URL, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const snippets = snippetsOf(readFileSync(readme, 'utf8')).filter(({ isRun }) => isRun);
  const folder = mkdtempSync(join(tmpdir(), 'vqkit-snippets-'));
  const runtime = typeScriptRuntime();
  const variables: NodeJS.ProcessEnv = { ...runtime.env, ...env };
  const options = { env: variables, cwd: folder };
  try {
    await furnish(folder);
    for (const [i, { code }] of snippets.entries()) {
      const name = /^\/\/ ([\w-]+\.ts)$/m.exec(code)?.[1];
      const file = join(folder, name ?? `snippet-${i}.mts`);
      writeFileSync(file, code);
      const wanted = [...code.matchAll(/process\.env\.(\w+)/g)].map(([, variable]) => variable!);
      if (name !== undefined || wanted.some((variable) => variables[variable] === undefined)) continue;
      const { stdout } = await execute(process.execPath, [...runtime.execArgv, file], options);
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

/** What the compiler says of the snippets that are not run; nothing when all is well. */
export function compileSnippets(snippets: readonly Snippet[]): string {
  const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
  mkdirSync(path('out'), { recursive: true });
  const folder = mkdtempSync(path('out/snippets-'));
  try {
    for (const [i, { code }] of snippets.entries()) writeFileSync(join(folder, `snippet-${i}.mts`), code);
    const config = { extends: '../../tsconfig.base.json', compilerOptions: { noEmit: true, noUnusedLocals: false } };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, include: ['*.mts'] }));
    return spawnSync(process.execPath, [toolFile('typescript', 'tsc'), '-p', folder], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts into a folder what snippets speak of. */
async function furnish(folder: string): Promise<void> {
  const path = (name: string): string => fileURLToPath(new URL(`../packages/cli/${name}`, import.meta.url));
  symlinkSync(path('node_modules'), join(folder, 'node_modules'), 'junction');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(folder, 'photos'));
  for (const name of ['photo.jpg', 'photos/a.png', 'photos/b.png'])
    copyFileSync(path('samples/kodim23.png'), join(folder, name));
  await writeWeights(join(folder, 'run/sr-rap'), await tinyFiles());
}
