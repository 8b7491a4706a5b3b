/** What is no file where a file is wanted, streams that end too early or never, and names that would steer a terminal. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { random } from '@vqkit/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makePipe } from '../../../tooling/make-pipe.ts';
import { tell } from './output.ts';
import { runCli, tinyWeights } from './testing/run-cli.ts';
import { runHere as run } from './testing/run-here.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
const photo = sharp({ create: { width: 40, height: 40, channels: 3, background: '#c86432' } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-odd-'));
  await photo.clone().png().toFile(at('photo.png'));
  await run(['encode', at('photo.png'), '-o', at('photo.vqk'), '--backend', 'cpu', ...tinyWeights]);
  await makePipe(at('pipe'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Commands that read `input`, which is no file, where they want one; with those that would wait for a pipe apart. */
const commands = (input: string): Record<'waiting' | 'other', readonly string[][]> => {
  const [png, vqk, out] = [at('photo.png'), at('photo.vqk'), at('out')];
  const train = ['--out', at('run'), '--steps', '1', '--backend', 'cpu'];
  return {
    waiting: [
      ['encode', input, '-o', `${out}.vqk`, ...tinyWeights],
      ['decode', input, '-o', `${out}.png`, ...tinyWeights],
      ['inspect', input],
      ['compare', input, png],
      ['compare', png, input],
      ['eval', input, '--backend', 'cpu', ...tinyWeights],
      ['curve', png, '-o', `${out}.png`, '--scores', input],
    ],
    other: [
      ['encode', png, '-o', `${out}.vqk`, '--weights', input],
      [
        'encode',
        png,
        '-o',
        `${out}.vqk`,
        '--effort',
        '1',
        '--lpips-weights',
        input,
        '--backend',
        'cpu',
        ...tinyWeights,
      ],
      ['decode', vqk, '-o', `${out}.png`, '--conceal-weights', input, '--backend', 'cpu', ...tinyWeights],
      ['upscale', png, '-o', `${out}.png`, '--weights', input],
      ['compare', png, png, '--lpips-weights', input, '--backend', 'cpu'],
      ['fid', folder, folder, '--squeezenet-weights', input, '--backend', 'cpu'],
      ['curve', input, '-o', `${out}.png`],
      ['batch', 'encode', input, '-o', at('coded'), '--workers', '1', ...tinyWeights],
      ['worker', '--queue', 'redis://127.0.0.1:1', '--weights', input],
      ['train', 'vqvae', '--data', input, ...train],
      ['train', 'photo', '--data', folder, '--lpips-weights', input, ...train],
      ['train', 'photo-priors', '--data', folder, '--from', input, '--out', at('run')],
    ],
  };
};

const untold = async (args: readonly string[]): Promise<void> => {
  const { status, stderr } = await run(args);
  expect(stderr, args.join(' ')).toMatch(/^error [A-Z_]+: .*\n$/);
  expect(stderr, args.join(' ')).not.toMatch(/^error UNEXPECTED/);
  expect([1, 2], args.join(' ')).toContain(status);
};

describe('devices and pipes as inputs', () => {
  it('end every command with an error that says what is expected: /dev/zero', async () => {
    const { waiting, other } = commands('/dev/zero');
    for (const args of [...waiting, ...other]) await untold(args);
  }, 60_000);

  it('end every command that does not wait for a pipe', async () => {
    for (const args of commands(at('pipe')).other) await untold(args);
  }, 60_000);

  it('are waited for where a picture may come through a pipe', async () => {
    const write = promisedWrite(at('photo.png'), at('pipe'));
    const { status, stderr } = await run([
      'encode',
      at('pipe'),
      '-o',
      at('piped.vqk'),
      '--backend',
      'cpu',
      ...tinyWeights,
    ]);
    await write;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

/** Writes a file into a pipe once somebody reads it. */
function promisedWrite(file: string, pipe: string): Promise<unknown> {
  return new Promise((resolve) => execFile('sh', ['-c', 'cat "$1" > "$2"', 'sh', file, pipe], resolve));
}

describe('standard output', () => {
  const program = (args: string): string => {
    const loader = new URL('../../../scripts/lib/typescript.mjs', import.meta.url).href;
    return `"${process.execPath}" --import "${loader}" "${fileURLToPath(new URL('./bin.ts', import.meta.url))}" ${args}`;
  };
  /** Runs a line of bash. */
  const shell = (line: string): Promise<string> =>
    new Promise((resolve) => {
      const env = {
        ...process.env,
        TSX_TSCONFIG_PATH: fileURLToPath(new URL('../../../tsconfig.json', import.meta.url)),
      };
      execFile('bash', ['-c', line], { cwd: folder, env }, (_, stdout, stderr) => resolve(stdout + stderr));
    });

  it('may be closed before a report is read, and standard error before a message; a full disc is told', async () => {
    expect(await shell(`${program('inspect photo.vqk')} | true; echo "\${PIPESTATUS[0]}"`)).toBe('0\n');
    expect(await shell(`${program('inspect none.vqk')} 2>&1 >/dev/null | true; echo "\${PIPESTATUS[0]}"`)).toBe('1\n');
    expect(await shell(`${program('--help')} | true; echo "\${PIPESTATUS[0]}"`)).toBe('0\n');
    expect(await shell(`${program('inspect photo.vqk')} > /dev/full; echo $?`)).toMatch(
      /^1\nerror OUTPUT_UNWRITABLE: .*standard output.*\n$/,
    );
  }, 60_000);

  it('keeps nobody from stopping who writes into a pipe that is not read', async () => {
    const pixels = Buffer.from(random(1).uniformArray(300 * 300 * 3, 0, 255));
    const noise = sharp(pixels, { raw: { width: 300, height: 300, channels: 3 } });
    await noise.png().toFile(at('noise.png'));
    await run(['encode', at('noise.png'), '-o', at('noise.vqk'), '--backend', 'cpu', ...tinyWeights]);
    // What comes out is larger than a pipe; whoever holds its other end reads the first bytes, and then only waits.
    const line = `mkfifo full; ${program(`decode noise.vqk -o - --backend cpu ${tinyWeights.join(' ')}`)} > full & vqkit=$!
      exec 3< full; head -c 1 <&3 > /dev/null; kill -TERM $vqkit; wait $vqkit; echo $?`;
    expect(await shell(line)).toMatch(/143\n/);
  }, 60_000);

  it('takes one thing, and standard input gives one', async () => {
    for (const args of [
      ['compare', '-', '-'],
      ['eval', folder, '--picture', '-', '--json'],
      ['eval', folder, '--picture', '-', '--report', '-'],
    ])
      expect(await run(args), args.join(' ')).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^error USAGE/),
      });
  });
});

describe('names that would steer a terminal', () => {
  const evil = 'a\u001b[2J\u202e\nerror FORGED: b';
  /** Lines of output, in which there is nothing to steer with. */
  const linesOf = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string[] => {
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    for (const line of lines) {
      expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
      expect(line).not.toMatch(/^error FORGED/);
    }
    return lines;
  };

  it('are spelled out by commands for many files, whether they are read or left out', async () => {
    const pictures = at('pictures');
    await mkdir(pictures);
    await photo
      .clone()
      .png()
      .toFile(join(pictures, `${evil}1.png`));
    await writeFile(join(pictures, `${evil}2.png`), 'no picture');
    for (const args of [
      ['encode', pictures, '-o', at(`${evil}.out`), '--backend', 'cpu', ...tinyWeights],
      ['eval', pictures, '--backend', 'cpu', ...tinyWeights],
    ]) {
      const lines = linesOf(await run(args));
      expect(lines.filter((line) => line.includes('\\x1b[2J')).length, args[0]).toBeGreaterThan(1);
    }
  });

  it('are spelled out by training', async () => {
    const broken = at(`broken${evil}`);
    await mkdir(broken);
    await writeFile(join(broken, `${evil}.jpg`), 'no photo');
    const result = await run(['train', 'vqvae', '--data', broken, '--out', at('run'), '--backend', 'cpu']);
    expect(result.status).toBe(1);
    expect(linesOf(result)).toEqual([expect.stringMatching(/^error [A-Z_]+: .*\\x1b\[2J/)]);
  });

  it('are spelled out in what a worker says of jobs, which come from strangers', () => {
    let said = '';
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += text;
      return true;
    });
    tell(`job 1 of ${evil}: not done: ${evil}`);
    spy.mockRestore();
    expect(linesOf({ stdout: '', stderr: said })).toHaveLength(1);
  });
});

describe('numbers of vqkit worker and batch', () => {
  it.each([
    [['worker', '--workers', '0'], '--workers'],
    [['worker', '--workers', '2.5'], '--workers'],
    [['worker', '--workers', '99999'], '--workers'],
    [['worker', '--threads', 'NaN'], '--threads'],
    [['worker', '--threads', '1e9'], '--threads'],
    [['worker', '--lost-after', '-1'], '--lost-after'],
    [['worker', '--lost-after', '1e-9'], '--lost-after'],
    [['worker', '--lost-after', '1e12'], '--lost-after'],
    [['worker', '--backend', 'magic'], '--backend'],
    [['worker', '--within', '/nowhere'], '--within'],
    [['batch', 'encode', 'x', '-o', 'y', '--workers', '1e9'], '--workers'],
    [['batch', 'encode', 'x', '-o', 'y', '--shard', '1e9'], '--shard'],
  ])('%j ends with 2 and names the option', async (args, name) => {
    const queue = args[0] === 'worker' ? ['--queue', 'redis://127.0.0.1:1'] : [];
    const { status, stderr } = await run([...args, ...queue]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error USAGE: /);
    expect(stderr).toContain(name);
  });

  it('ends, with its processes, when Redis is not there', async () => {
    const { status, stderr } = await runCli(['worker', '--queue', 'redis://127.0.0.1:1', '--workers', '1']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error QUEUE_UNREACHABLE: /);
  });
});
