/**
 * `npm run gpu -- [options]`: everything that only a machine with a real GPU can tell, in one call: the conformance kit on
 * its adapter, the benchmark against other libraries with the share of peak, and, if photos are given, training on it.
 * The results are kept as one JSON file named after the adapter.
 *
 *   --peak-tflops 67        the adapter's peak in float32, to give rates as a share of it
 *   --rounds 9, --only text, --without jax-js   as for `npm run bench -- webgpu`
 *   --photos folder         train on these photos, with
 *     --lpips-weights file  SqueezeNet LPIPS weights (safetensors)
 *     --recipe name         default: `photo` from nothing, or with --from `photo-texture`
 *     --from file           what an earlier recipe published, e.g. packages/weights/photo/files/weights.safetensors
 *     --minutes 10, --steps n, --batch n, --crop n
 *   --results folder        default bench/results
 *   --skip conformance,bench   leave parts out, e.g. to train again
 *
 * Runs on whatever adapter WebGPU finds in Node; with a software one it proves that all works, and says so.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { root, run, runTypeScript } from './lib/run.mjs';
import { setup } from './setup.mjs';

const stdio = ['ignore', 'inherit', 'inherit'];
const text = { type: 'string' };
const optionTypes = {
  'peak-tflops': text,
  rounds: text,
  only: text,
  without: text,
  photos: text,
  'lpips-weights': text,
  from: text,
  recipe: text,
  minutes: text,
  steps: text,
  batch: text,
  crop: text,
  results: text,
  skip: text,
};

/** An adapter's name as part of a file name: its last words are versions and are left out. */
export function slugOf(adapter) {
  const name = adapter
    .toLowerCase()
    .replace(/\(.*?\)|[:~].*$|\b\d+(\.\d+)+\S*/g, ' ')
    .replace(/[^a-z0-9]+/g, '-');
  return [...new Set(name.split('-').filter((word) => word !== ''))].join('-') || 'unknown';
}

/** Arguments of a child from ours: those that are given, under the same names. */
export function passOn(values, names) {
  return names.flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, values[name]]));
}

async function trainOn(values, slug) {
  const out = join(root, 'out', `training-${slug}`);
  const recipe = values.recipe ?? (values.from === undefined ? 'photo' : 'photo-texture');
  const args = [
    ...passOn({ minutes: '10', ...values }, ['minutes', 'steps', 'batch', 'crop', 'from', 'lpips-weights']),
  ];
  const train = ['train', recipe, '--backend', 'webgpu', '--data', values.photos, '--out', out, ...args];
  const status = await runTypeScript('packages/cli/src/bin.ts', train, { stdio });
  const log = join(out, 'log.jsonl');
  if (status !== 0 || !existsSync(log)) return { recipe, failed: `exit status ${status}` };
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return { recipe, folder: relative(root, out), ...JSON.parse(lines.at(-1)) };
}

async function main(args) {
  const { values } = parseArgs({ args, options: optionTypes });
  if (values.photos !== undefined && values['lpips-weights'] === undefined) {
    process.stderr.write('--photos needs --lpips-weights: the recipes train on LPIPS\n');
    return 2;
  }
  await setup();
  const results = values.results ?? join(root, 'bench', 'results');
  const skipped = (values.skip ?? '').split(',');
  // A few cases always run: they say which adapter this is.
  const filter = skipped.includes('conformance') ? ['--filter', 'storage'] : [];
  const reportFile = join(root, 'out', 'conformance-webgpu.json');
  rmSync(reportFile, { force: true });
  mkdirSync(dirname(reportFile), { recursive: true });
  await runTypeScript('tooling/conformance.ts', ['--backend', 'webgpu', '--json', reportFile, ...filter], { stdio });
  const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : {};
  if (report.adapter === undefined) {
    process.stderr.write('no WebGPU adapter works here: install a Vulkan, Metal or Direct3D 12 driver\n');
    return 1;
  }
  const { adapter, passed, failed, skipped: left } = report;
  const counts = { passed, failed, skipped: left };
  const isSoftware = /llvmpipe|lavapipe|swiftshader|software|basic render/i.test(adapter);
  if (isSoftware) process.stdout.write('this adapter is a CPU in disguise: its figures say nothing about GPUs\n');
  const slug = slugOf(adapter);
  mkdirSync(results, { recursive: true });
  const file = join(results, `webgpu-${slug}.json`);
  let status = counts.failed > 0 ? 1 : 0;
  const keep = (facts) => {
    const earlier = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    writeFileSync(file, `${JSON.stringify({ ...earlier, ...facts }, null, 2)}\n`);
  };
  if (!skipped.includes('bench')) {
    await run(process.execPath, [join(root, 'scripts', 'install-peers.mjs')]);
    const names = ['peak-tflops', 'rounds', 'only', 'without'];
    status ||= await runTypeScript('bench/run.ts', ['webgpu', '--save', file, ...passOn(values, names)], { stdio });
  }
  if (!skipped.includes('conformance')) keep({ conformance: counts });
  if (values.photos !== undefined) {
    const training = await trainOn(values, slug);
    keep({ training });
    status ||= training.failed === undefined ? 0 : 1;
  }
  process.stdout.write(`results: ${relative(process.cwd(), file)}\n`);
  return status;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2));
}
