import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDigit, writeDigits } from '../testing/digits.ts';
import { roundTrip, run } from '../testing/round-trip.ts';
import { runHere } from '../testing/run-here.ts';

describe('vqkit train photo-priors, for weights that were just trained', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-priors-'));
    await writeDigits(join(folder, 'digits.idx'), 200);
    await writeDigit(join(folder, 'digit.png'), 1000);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('learns priors for what was published, and publishes the whole package', async () => {
    const photos = join(folder, 'photos');
    await mkdir(photos);
    for (let i = 0; i < 8; i++) await writeDigit(join(photos, `${i}.png`), 2000 + i);
    const [plain, whole] = [join(folder, 'plain'), join(folder, 'with-priors')];
    const sizes = ['--quantizer', 'looc', '--codes', '16', '--dimension', '16', '--hidden', '16', '--steps', '30'];
    await run('train', 'vqvae', '--data', join(folder, 'digits.idx'), ...sizes, '--out', plain);
    await run('train', 'photo-priors', '--data', photos, '--from', plain, '--out', whole);
    expect((await readdir(whole)).sort()).toEqual(['manifest.json', 'prior.vqp', 'weights.safetensors']);
    const bytes: number[] = [];
    for (const weights of [plain, whole]) {
      const file = `${weights}.vqk`;
      await run('encode', join(folder, 'digit.png'), '-o', file, '--weights', weights);
      bytes.push((await readFile(file)).length);
    }
    // Eight pictures say where strokes are not.
    expect(bytes[1]).toBeLessThan(bytes[0]!);
  });

  it('has no priors for more codes than these describe, which are coded without', async () => {
    const out = join(folder, 'many');
    const sizes = ['--quantizer', 'fsq', '--levels', '8,8,8,8,8,2', '--hidden', '4', '--steps', '1'];
    await run('train', 'vqvae', '--data', join(folder, 'digits.idx'), ...sizes, '--out', out);
    const priors = await runHere(['train', 'photo-priors', '--data', folder, '--from', out, '--out', `${out}-priors`]);
    expect([priors.status, priors.stderr]).toEqual([
      1,
      expect.stringMatching(/WEIGHTS_UNUSABLE[\s\S]*at most 32768 codes[\s\S]*got 65536/),
    ]);
    const { facts } = await roundTrip(join(folder, 'digit.png'), out);
    expect(facts).toMatchObject({ width: 28, height: 28 });
  });
});
