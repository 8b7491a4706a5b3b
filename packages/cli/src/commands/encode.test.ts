import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyWeights } from '../testing/run-cli.ts';
import { runHere } from '../testing/run-here.ts';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const encode = (...args: string[]): ReturnType<typeof runHere> =>
  runHere(['encode', ...args, ...tinyWeights, '--backend', 'cpu']);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-encode-'));
  await mkdir(at('in'));
  const image = sharp({ create: { width: 20, height: 12, channels: 3, background: 'teal' } });
  await image.png().toFile(at('in', 'a.png'));
  await image.jpeg().toFile(at('in', 'b.jpg'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What photo folders hold besides photos. */
async function addDebris(): Promise<void> {
  await mkdir(at('in', 'sub.png'));
  await writeFile(at('in', '._a.jpg'), 'resource fork');
  await writeFile(at('in', 'empty.jpg'), '');
  await writeFile(at('in', 'notes.txt'), 'text');
  const whole = await readFile(at('in', 'b.jpg'));
  await writeFile(at('in', 'cut.jpg'), whole.subarray(0, whole.length / 2));
}

describe('vqkit encode, many files', () => {
  it('codes a folder into a folder, goes on after broken files and names them', async () => {
    await addDebris();
    const { status, stdout, stderr } = await encode(at('in'), '-o', at('out'), '--json');
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as { files: { file: string }[]; skipped: { file: string; code: string }[] };
    expect(report.files.map(({ file }) => file)).toEqual([at('out', 'a.vqk'), at('out', 'b.vqk')]);
    expect(report.skipped.map(({ file, code }) => [file, code])).toEqual([
      [at('in', 'cut.jpg'), 'IMAGE_UNREADABLE'],
      [at('in', 'empty.jpg'), 'IMAGE_UNREADABLE'],
    ]);
    expect(stderr).toMatch(/warning: left out .*empty\.jpg': .*an empty file/);
    expect(await readdir(at('out'))).toEqual(['a.vqk', 'b.vqk']);
  });

  it('fails when nothing is left', async () => {
    for (const name of ['a.png', 'b.jpg']) await writeFile(at('in', name), '');
    const { status, stderr } = await encode(at('in'), '-o', at('out'));
    expect(status).toBe(1);
    expect(stderr).toMatch('error ALL_FAILED');
  });

  it('keeps files of one name apart', async () => {
    await sharp(at('in', 'a.png')).webp().toFile(at('in', 'a.webp'));
    expect((await encode(at('in'), '-o', at('out'))).status).toBe(0);
    expect(await readdir(at('out'))).toEqual(['a.png.vqk', 'a.webp.vqk', 'b.vqk']);
  });

  it('puts one file into a folder that is there, and refuses a file for several', async () => {
    await mkdir(at('out'));
    expect((await encode(at('in', 'a.png'), '-o', at('out'))).status).toBe(0);
    expect(await readdir(at('out'))).toEqual(['a.vqk']);
    const { status, stderr } = await encode(at('in', 'a.png'), at('in', 'b.jpg'), '-o', at('out', 'a.vqk'));
    expect([status, stderr]).toEqual([2, expect.stringMatching(/error USAGE: expected -o with a folder/)]);
  });
});

describe('vqkit encode, what it does not overwrite', () => {
  it('keeps the photo that it is told to write over, through links too', async () => {
    await symlink(at('in', 'a.png'), at('link.png'));
    const before = await readFile(at('in', 'a.png'));
    for (const output of [at('in', 'a.png'), at('link.png')]) {
      const { status, stderr } = await encode(at('in', 'a.png'), '-o', output, '--force');
      expect([status, stderr]).toEqual([2, expect.stringMatching(/^error OUTPUT_IS_INPUT/)]);
    }
    expect(await readFile(at('in', 'a.png'))).toEqual(before);
  });

  it('asks before another file is replaced, and says the advice once', async () => {
    const { status, stderr } = await encode(at('in', 'a.png'), '-o', at('in', 'b.jpg'));
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^error OUTPUT_EXISTS.*holds jpg.*--force/)]);
    expect(stderr.split('--force')).toHaveLength(2);
    expect((await encode(at('in', 'a.png'), '-o', at('in', 'b.jpg'), '--force')).status).toBe(0);
  });

  it('checks codes, packets and names before it reads anything', async () => {
    for (const [option, value] of [
      ['--codes', '100'],
      ['--packets', '5000'],
    ] as const) {
      const { status } = await encode('missing.png', '-o', at('x.vqk'), option, value);
      expect(status).toBe(2);
    }
    const { stderr } = await encode('missing.png', '-o', at(`${'n'.repeat(300)}.vqk`));
    expect(stderr).toMatch('OUTPUT_UNWRITABLE');
  });
});

describe('vqkit encode, transparency', () => {
  const noise = async (): Promise<string> => {
    const data = Uint8Array.from({ length: 64 * 64 * 4 }, (_, i) => (i % 4 < 3 ? 90 : (i * i) >> 3));
    await sharp(data, { raw: { width: 64, height: 64, channels: 4 } })
      .png()
      .toFile(at('noise.png'));
    return at('noise.png');
  };
  const bytesOf = async (...args: string[]): Promise<number> => {
    const { status, stdout } = await encode(await noise(), '-o', at('a.vqk'), '--json', ...args);
    expect(status).toBe(0);
    return (JSON.parse(stdout) as { bytes: number }).bytes;
  };

  it('is coded exactly, coarsely or not at all', async () => {
    const [keep, lossy, drop] = [await bytesOf(), await bytesOf('--alpha', 'lossy'), await bytesOf('--alpha', 'drop')];
    expect(keep).toBeGreaterThan(1000);
    expect(lossy).toBeLessThan(keep / 10);
    expect(drop).toBeLessThan(lossy);
    const wrong = await encode(await noise(), '-o', at('a.vqk'), '--alpha', 'some');
    expect(wrong.status).toBe(2);
  });

  it('that fills the bytes is named in the error', async () => {
    const { status, stderr } = await encode(await noise(), '-o', at('b.vqk'), '--bytes', '300');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error RATE_TOO_LOW: .* are its alpha channel.*lossy/);
  });

  it('hides colours so that they change nothing', async () => {
    const files = await Promise.all(
      [255, 0].map(async (hidden) => {
        const visible = (i: number): boolean => Math.hypot((i % 48) - 24, Math.floor(i / 48) - 24) < 15;
        const data = Uint8Array.from({ length: 48 * 48 * 4 }, (_, k) => {
          const isVisible = visible(k >> 2);
          return k % 4 === 3 ? (isVisible ? 255 : 0) : isVisible ? 20 * (k % 4) : hidden;
        });
        await sharp(data, { raw: { width: 48, height: 48, channels: 4 } })
          .png()
          .toFile(at(`${hidden}.png`));
        expect((await encode(at(`${hidden}.png`), '-o', at(`${hidden}.vqk`))).status).toBe(0);
        return readFile(at(`${hidden}.vqk`));
      }),
    );
    expect(files[0]).toEqual(files[1]);
  });
});

describe('vqkit encode --effort', () => {
  it('needs no weights but those it is told to look by', async () => {
    await sharp(
      new Uint8Array(176 * 176 * 3).map((_, i) => (i * i) % 251),
      {
        raw: { width: 176, height: 176, channels: 3 },
      },
    ).toFile(at('large.png'));
    const look = (...args: string[]) =>
      runHere(['encode', at('large.png'), ...args, ...tinyWeights, '--backend', 'onnx']);
    for (const effort of ['0', '1']) {
      const { status, stderr } = await look('-o', at(`${effort}.vqk`), '--effort', effort);
      expect(status, stderr).toBe(0);
    }
    expect(await readFile(at('1.vqk'))).not.toEqual(await readFile(at('0.vqk')));
    const refused = await look('-o', at('2.vqk'), '--effort', '1', '--effort-by', 'lpips');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/USAGE.*--lpips-weights beside --effort-by lpips/);
  });
});
