import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeIndices, writeContainer } from '@vqkit/codec/bitstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importWeights } from './import-weights.ts';
import { runCli, tinyWeights } from './testing/run-cli.ts';

describe('--weights', () => {
  let folder: string;
  const exists = (name: string): Promise<boolean> =>
    access(join(folder, name)).then(
      () => true,
      () => false,
    );

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-session-'));
    // What a folder from a stranger may hold: modules under every name that a bare name could find.
    const trap = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(join(folder, 'sprung'))}, '');\n`;
    for (const name of ['@vqkit/weights-photo', 'none', 'node_modules/none/index.js', 'node_modules/webgpu/index.js']) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), trap);
    }
    for (const name of ['none', 'webgpu']) {
      await writeFile(join(folder, 'node_modules', name, 'package.json'), '{"type":"module","main":"index.js"}');
    }
    const indices = encodeIndices({ width: 2, height: 2, codebookSizes: [8], planes: [new Uint8Array(4)] });
    const modelId = new TextEncoder().encode('\u001b[2J');
    await writeFile(join(folder, 'a.vqk'), writeContainer({ width: 32, height: 32, modelId, indices }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('never runs a file of the current folder for a name without ./', async () => {
    const decode = ['decode', 'a.vqk', '-o', 'a.png'];
    // The default opens the real weights, which the file is not made with.
    const runs = [
      [[], 'MODEL_MISMATCH'],
      [['--weights', 'none'], 'WEIGHTS_UNUSABLE'],
      [['--weights', 'none/index.js'], 'WEIGHTS_UNUSABLE'],
    ] as const;
    for (const [args, code] of runs) {
      const { status, stderr } = await runCli([...decode, ...args], { cwd: folder });
      expect(stderr).toContain(`error ${code}`);
      expect(status).toBe(1);
      expect(await exists('sprung')).toBe(false);
    }
  });

  it('does not look for engines in the current folder', async () => {
    await runCli(['decode', 'a.vqk', '-o', 'a.png', '--backend', 'webgpu', ...tinyWeights], { cwd: folder });
    expect(await exists('sprung')).toBe(false);
  });

  it('takes a file with ./ before it', async () => {
    await writeFile(join(folder, 'mine.mjs'), 'export const manifest = {};\nexport const load = 1;\n');
    const { stderr } = await runCli(['decode', 'a.vqk', '-o', 'a.png', '--weights', './mine.mjs'], { cwd: folder });
    expect(stderr).toContain('it does not export `manifest` and `load`');
    await expect(importWeights(tinyWeights[1]!)).resolves.toMatchObject({ manifest: { id: 'tiny' } });
  });

  it.each(['data:text/javascript,export const manifest = 1', 'file:///etc/passwd', '', '@vqkit/', 'a b', '.hidden'])(
    "refuses '%s', which is neither a package nor a path",
    async (name) => {
      await expect(importWeights(name)).rejects.toMatchObject({ code: 'WEIGHTS_UNUSABLE' });
    },
  );

  it('prints what a file says about itself without letting it steer the terminal', async () => {
    for (const args of [
      ['inspect', 'a.vqk'],
      ['inspect', 'a.vqk', '--json'],
      ['decode', 'a.vqk', '-o', 'a.png', ...tinyWeights],
    ]) {
      const { stdout, stderr } = await runCli(args, { cwd: folder });
      expect(`${stdout}${stderr}`).toMatch(/\\x1b\[2J/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point.
      expect(`${stdout}${stderr}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
    const { stderr } = await runCli(['inspect', 'no\u001b[2Jsuch\nfile.vqk'], { cwd: folder });
    expect(stderr).toContain('no\\x1b[2Jsuch\\x0afile.vqk');
  });
});
