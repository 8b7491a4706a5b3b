import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';
import { runCli, tinyWeights, withoutProgress } from './testing/run-cli.ts';
import { runHere } from './testing/run-here.ts';

const text = await readFile(new URL('../README.md', import.meta.url), 'utf8');

/** Pages whose commands run as well. */
const guides = ['tokens.md', 'guide/train-your-own.md'];

/** What makes a training run short. */
const short = ['--steps', '2', '--batch', '1', '--crop', '16', '--hidden', '4', '--backend', 'cpu'];

/** The commands of a page, in order. */
function commandsOf(page: string): string[][] {
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
  return blocks.flatMap((block) => [...block.matchAll(/^vqkit (.*)$/gm)].map(([, line]) => line!.split(' ')));
}

/** Runs a command with weights that are quick, and says how it ended. */
async function runCommand(args: readonly string[]) {
  const computes = ['encode', 'decode', 'eval', 'batch'].includes(args[0]!) && !args.includes('--weights');
  const given = args[0] === 'train' ? [...args, ...short] : computes ? [...args, ...tinyWeights] : args;
  // Processes of a pool need a parent that runs sources.
  const { status, stderr } = await (args[0] === 'batch' ? runCli : runHere)(given);
  return { args, status, stderr: withoutProgress(stderr) };
}

let folder: string;
const home = process.cwd();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-readme-'));
  await mkdir(join(folder, 'folder'));
  await mkdir(join(folder, 'photos'));
  const data = Uint8Array.from({ length: 96 * 64 * 3 }, (_, i) => 128 + 90 * Math.sin(i / 40));
  const photo = sharp(data, { raw: { width: 96, height: 64, channels: 3 } }).jpeg();
  await photo.toFile(join(folder, 'photo.jpg'));
  await photo.toFile(join(folder, 'folder', 'photo.jpg'));
  for (const name of ['photo.jpg', 'other.jpg']) await photo.toFile(join(folder, 'photos', name));
  await writeFile(join(folder, 'list.txt'), 'photo.jpg\n');
  const tar = pack();
  tar.entry({ name: 'inside.jpg' }, await photo.toBuffer());
  tar.finalize();
  await writeFile(join(folder, 'photos/pack.tar'), await buffer(tar));
  process.chdir(folder);
});
afterAll(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

describe('the documentation', () => {
  it('has commands that run in the order in which they stand there', async () => {
    const commands = commandsOf(text);
    expect(commands.length).toBeGreaterThan(5);
    for (const args of commands) expect(await runCommand(args)).toEqual({ args, status: 0, stderr: '' });
    const made = ['photo.vqk', 'restored.png', 'small.vqk', 'tiny.vqk', 'tiny.webp', 'chart.png', 'page.md'];
    expect(await readdir(folder)).toEqual(expect.arrayContaining(made));
  });

  it.each(guides)('has commands that run in %s too', async (guide) => {
    const page = await readFile(new URL(`../../../docs/${guide}`, import.meta.url), 'utf8');
    const commands = commandsOf(page);
    expect(commands.length).toBeGreaterThan(0);
    for (const args of commands)
      expect(await runCommand(args)).toEqual({ args, status: 0, stderr: expect.any(String) });
  });

  it('has a program that runs and prints what it says', async () => {
    const [, code] = /^```ts\n([\s\S]*?)^```$/m.exec(text)!;
    const program = join(folder, 'snippet.mts');
    await writeFile(program, code!);
    const { status, stdout, stderr } = await runCli([], { program });
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: '1\n' });
    expect(code).toContain('// → 1');
    expect(stderr).toMatch(/^error INPUT_UNREADABLE: /);
  });

  it('names every option of every command but train, which explains itself, and says whose it is', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('| `--'));
    const ownersOf = (option: string): string =>
      rows.flatMap((row) => (row.includes(`\`${option}\``) ? [row.split('|').at(-2)!] : [])).join();
    for (const command of createProgram().commands) {
      expect(text).toMatch(new RegExp(`\`${command.name()} (<|--)`));
      if (command.name() === 'train') continue;
      for (const one of [command, ...command.commands]) {
        for (const { long } of one.options) {
          if (long === '--output') continue;
          const name = one === command ? command.name() : `${command.name()}( ${one.name()})?`;
          const all = long === '--queue' ? '' : '|^ all ';
          expect(ownersOf(long!), `${command.name()} ${long}`).toMatch(new RegExp(`(^|, | )${name}(,| |$)${all}`));
        }
      }
    }
  });
});
