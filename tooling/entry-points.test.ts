import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolFile } from '../scripts/lib/run.mjs';
import { listPackages } from '../scripts/lib/workspace.mjs';
import { type PackedProject, packProject } from './pack-project.ts';

const published = listPackages(fileURLToPath(new URL('..', import.meta.url))).filter(
  ({ manifest }) => !manifest.private,
);

/** Names under which the modules of a package are imported. */
const modules = published.flatMap(({ manifest }) =>
  Object.keys(manifest.exports ?? { '.': '' })
    .filter((path) => !path.endsWith('.json') && !path.includes('*'))
    .map((path) => join(manifest.name, path)),
);

/** Engines and what else is large, from this checkout. */
const link = {
  'onnxruntime-node': 'packages/backend-onnx',
  'onnxruntime-web': 'packages/backend-onnx',
  sharp: 'packages/training',
  '@types/node': '.',
};

describe('every packed package', () => {
  let project: PackedProject;
  beforeAll(async () => {
    project = await packProject({ packages: published.map(({ manifest }) => manifest.name), link });
  });
  afterAll(() => project?.dispose());

  for (const name of modules) {
    it(`has an entry point ${name} that loads, and exports something`, async () => {
      const { stdout } = await project.run(`console.log(Object.keys(await import('${name}')).length)`);
      expect(Number(stdout)).toBeGreaterThan(0);
    });
  }

  it('compiles in strict projects that check declarations too, in pages without any types, and in Node', () => {
    const check = (names: readonly string[], types: readonly string[], lines = ''): string => {
      const imports = names.map((name, i) => `import * as m${i} from '${name}';`);
      writeFileSync(
        join(project.folder, 'strict.ts'),
        `${imports.join('\n')}\n${lines}\nexport const all = [${names.map((_, i) => `m${i}`)}];\n`,
      );
      const compilerOptions = {
        strict: true,
        skipLibCheck: false,
        noEmit: true,
        module: 'NodeNext',
        target: 'ES2022',
        types,
      };
      writeFileSync(join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['strict.ts'] }));
      const tsc = toolFile('typescript', 'tsc');
      return spawnSync(process.execPath, [tsc, '-p', project.folder], { encoding: 'utf8' }).stdout;
    };
    const inPages = [
      'core',
      'codec',
      'codec/worker',
      'images',
      'images/browser',
      'backend-webgpu',
      'backend-onnx/web',
      'weights-photo',
    ];
    expect(
      check(
        inPages.map((name) => `@vqkit/${name}`),
        [],
        `export const blob = async (codec: m1.Codec) => new Blob([await codec.encode(document.createElement('canvas'))]);
         export const limits = async () => (await m5.webgpu()).device.limits.maxBufferSize;`,
      ),
    ).toBe('');
    expect(check(modules, ['node'])).toBe('');
  });

  it('has programs and workers that run: training on photos, and a picture there and back', async () => {
    await project.run(`
      import { mkdirSync } from 'node:fs';
      import sharp from 'sharp';
      mkdirSync('photos');
      for (const [name, background] of [['a', '#c82'], ['b', '#28c']])
        await sharp({ create: { width: 40, height: 32, channels: 3, background } }).png().toFile('photos/' + name + '.png');
    `);
    const bin = join(project.folder, 'node_modules/vqkit/dist/bin.js');
    const vqkit = (...args: string[]) =>
      promisify(execFile)(process.execPath, [bin, ...args, '--backend', 'cpu'], { cwd: project.folder });
    const sizes = ['--quantizer', 'fsq', '--levels', '3,3', '--hidden', '4', '--batch', '1', '--crop', '16'];
    // Crops come from a thread with a file of its own.
    const { stderr } = await vqkit('train', 'vqvae', '--data', 'photos', ...sizes, '--steps', '2', '--out', 'run');
    expect(stderr).toMatch(/finished after 2 of 2 steps/);
    await vqkit('encode', 'photos/a.png', '-o', 'a.vqk', '--weights', './run');
    // So is the work of a batch.
    await vqkit('batch', 'encode', 'photos', '-o', 'coded', '--weights', './run');
    const { stdout: files } = await project.run("console.log((await import('node:fs')).readdirSync('coded').join())");
    expect(files.trim()).toBe('.vqkit,a.vqk,b.vqk,manifest.json');
    await vqkit('decode', 'a.vqk', '-o', 'a.png', '--weights', './run');
    const { stdout } = await project.run(`
      import sharp from 'sharp';
      const { width, height } = await sharp('a.png').metadata();
      console.log(width, height);
    `);
    expect(stdout.trim()).toBe('40 32');
  });
});
