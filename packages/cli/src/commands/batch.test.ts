import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatDuration } from '../batch/batch-bar.ts';
import { runCli, tinyWeights, withoutProgress } from '../testing/run-cli.ts';
import { runHere } from '../testing/run-here.ts';
import { checkWeights } from './worker.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-batch-'));
  for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) {
    const data = Uint8Array.from({ length: 96 * 64 * 3 }, (_, at) => 128 + 90 * Math.sin(at / (40 + 9 * i)));
    await sharp(data, { raw: { width: 96, height: 64, channels: 3 } })
      .png()
      .toFile(join(folder, `${name}.png`));
  }
  await writeFile(join(folder, 'broken.jpg'), 'no picture');
});
afterAll(() => rm(folder, { recursive: true }));

const run = async (...args: string[]) => {
  const { status, stdout, stderr } = await runCli([...args, ...tinyWeights, '--backend', 'cpu'], { cwd: folder });
  return { status, stdout: stdout.toString(), stderr: withoutProgress(stderr) };
};

/** Whether Python has what a reader needs; says what is missing. */
function python(needs: string): boolean {
  const isThere = spawnSync('python3', ['-c', `import ${needs}`]).status === 0;
  if (!isThere) console.log(`python3 with ${needs} is not installed: its reader is not tried`);
  return isThere;
}

/** Runs the reader of the documentation that imports this on a shard. */
function readWith(needs: string, shard: string): string[] {
  const text = readFileSync(new URL('../../../../docs/tokens.md', import.meta.url), 'utf8');
  const programs = [...text.matchAll(/^```python\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
  const program = programs.find((code) => code.includes(needs))!;
  const { stdout, stderr } = spawnSync('python3', ['-c', program, shard], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe('vqkit batch', () => {
  it('encodes a folder into the files that encode makes, leaves out what is broken, and decodes them again', async () => {
    const { status, stdout, stderr } = await run(
      'batch',
      'encode',
      '.',
      '-o',
      'coded',
      '--codes',
      '8',
      '--workers',
      '2',
    );
    expect(stdout).toMatch(/^coded: 4 images, [\d,]+ bytes, \d+ s, \d+\.\d images\/s\n$/);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: "warning: 1 of 5 inputs failed: see failures.jsonl in 'coded'\n",
    });
    const failure = JSON.parse(await readFile(join(folder, 'coded/failures.jsonl'), 'utf8'));
    expect(failure).toMatchObject({ key: 'broken', at: join(folder, 'broken.jpg'), code: 'IMAGE_UNREADABLE' });
    await run('encode', 'b.png', '-o', 'b.vqk', '--codes', '8');
    expect(await readFile(join(folder, 'coded/b.vqk'))).toEqual(await readFile(join(folder, 'b.vqk')));

    const decoded = await run(
      'batch',
      'decode',
      'coded',
      '-o',
      'restored',
      '--format',
      'webp',
      '--workers',
      '1',
      '--json',
    );
    expect(JSON.parse(decoded.stdout)).toMatchObject({ output: 'restored', images: 4, failed: 0, resumed: 0 });
    expect((await readdir(join(folder, 'restored'))).sort()).toEqual([
      '.vqkit',
      'a.webp',
      'b.webp',
      'c.webp',
      'd.webp',
      'manifest.json',
    ]);
    expect(await sharp(join(folder, 'restored/d.webp')).metadata()).toMatchObject({ width: 96, height: 64 });
    const again = await run('batch', 'decode', 'coded', '-o', 'restored', '--format', 'webp', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ images: 4, resumed: 4 });
    const other = await run('batch', 'decode', 'coded', '-o', 'restored', '--format', 'png');
    expect(other).toMatchObject({ status: 1, stderr: expect.stringContaining('error BATCH_DIFFERS: ') });
  });

  it('says once what holds for many inputs, with their number, and again when it is asked again', async () => {
    await mkdir(join(folder, 'moving'));
    const frames = Uint8Array.from({ length: 32 * 96 * 3 }, (_, i) => 80 * Math.floor(i / (32 * 32 * 3)));
    const strip = sharp(frames, { raw: { width: 32, height: 96, channels: 3, pageHeight: 32 } });
    for (const name of ['a', 'b', 'c'])
      await strip
        .clone()
        .gif()
        .toFile(join(folder, 'moving', `${name}.gif`));
    const told = `warning: '${join(folder, 'moving/a.gif')}' holds 3 pictures: the first is read; likewise 2 more of 3 inputs\n`;
    const first = await run('batch', 'encode', 'moving', '-o', 'still', '--workers', '2');
    expect(first).toMatchObject({ status: 0, stderr: told });
    const again = await run('batch', 'encode', 'moving', '-o', 'still', '--workers', '2', '--json');
    expect(again).toMatchObject({ status: 0, stderr: told });
    expect(JSON.parse(again.stdout).warnings).toEqual([
      { kind: 'pictures', message: expect.stringContaining('holds 3 pictures'), inputs: 3 },
    ]);
  });

  it('writes tokens that Python reads from tar and Parquet alike', async () => {
    const { status } = await run(
      'batch',
      'tokenize',
      'a.png',
      'd.png',
      '-o',
      'tokens',
      '--as',
      'tar,parquet',
      '--workers',
      '1',
    );
    expect(status).toBe(0);
    const { tokenizer, shards } = JSON.parse(await readFile(join(folder, 'tokens/manifest.json'), 'utf8'));
    expect(tokenizer).toMatchObject({
      manifest: { id: 'tiny' },
      sha256: { 'weights.safetensors': expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(shards.map(({ file, images }: { file: string; images: number }) => [file, images])).toEqual([
      ['0000000.tar', 2],
      ['0000000.parquet', 2],
    ]);
    if (!python('numpy')) return;
    const lines = readWith('tarfile', join(folder, 'tokens/0000000.tar'));
    expect(lines).toEqual(
      ['a', 'd'].map((key) => expect.stringMatching(new RegExp(`^${key} uint16 \\(1, 4, 6\\) \\d+$`))),
    );
    if (python('pyarrow')) expect(readWith('pyarrow', join(folder, 'tokens/0000000.parquet'))).toEqual(lines);
  });

  it('says what is wrong before it starts, and ends with status 1 when nothing is left', async () => {
    const wrong = [
      [['tokenize', '.', '--as', 'files'], 'USAGE'],
      [['encode', '.', '--as', 'zip'], 'USAGE'],
      [['encode', '.', '--bpp', '1', '--codes', '8'], 'USAGE'],
      [['encode', '.', '--codes', '9'], 'USAGE'],
    ] as const;
    for (const [args, code] of wrong) {
      const { status, stderr } = await runHere(['batch', ...args, '-o', join(folder, 'x'), ...tinyWeights]);
      expect({ args, status, stderr }).toEqual({ args, status: 2, stderr: expect.stringContaining(`error ${code}: `) });
    }
    const upscaled = await run('batch', 'upscale', 'a.png', '-o', 'large', '--workers', '1'); // weights of the codec
    expect(upscaled).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /error WEIGHTS_DAMAGED: .*expected weights of the architecture 'tvq-rap', got 'tiny'/,
      ),
    });
    await symlink(join(folder, 'broken.jpg'), join(folder, 'also-broken.jpg'));
    const { status, stderr } = await run('batch', 'encode', 'also-broken.jpg', '-o', 'none', '--workers', '1');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('error ALL_FAILED: ') });
  });
});

it('lets jobs of strangers name packages and folders, and no file that would be run', async () => {
  const file = tinyWeights[1]!;
  const [own, strange] = [{ weights: '@vqkit/weights-photo' }, { weights: file }];
  await expect(checkWeights({ ...own, concealWeights: tmpdir() }, false)).resolves.toBeUndefined();
  await expect(checkWeights(strange, true)).resolves.toBeUndefined();
  const refused = [
    [strange, false],
    [{}, false],
    [{ ...own, concealWeights: file }, false],
    [{ ...own, concealWeights: file }, true],
    [{ ...own, concealWeights: 7 as never }, true],
  ] as const;
  for (const [options, areOwn] of refused)
    await expect(checkWeights(options, areOwn), JSON.stringify(options)).rejects.toMatchObject({ code: 'USAGE' });
});

it('says durations as people do', () => {
  expect([0.2, 59.4, 60, 3599, 12_000, 3e6].map(formatDuration)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '59 min',
    '3 h 20 min',
    '34 d 17 h',
  ]);
});
