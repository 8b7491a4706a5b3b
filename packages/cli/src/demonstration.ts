/** One photo through vqkit and back, beside what older codecs make of it: numbers, files and a picture. */

import { mkdir } from 'node:fs/promises';
import { basename, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { untilAborted } from '@vqkit/core';
import type { IntegerSamples, Raster } from '@vqkit/images';
import { CliError, reasonOf } from './errors.ts';
import { baselines } from './eval/baselines.ts';
import { createJudge, type Judge } from './eval/judge.ts';
import { formatTable } from './eval/table.ts';
import { readInput, writeOutput } from './io/files.ts';
import { encodePicture, readPicture } from './io/images.ts';
import { interruptible } from './io/interrupt.ts';
import { formatBytes, formatTime } from './io/numbers.ts';
import { printReport } from './output.ts';
import { type Panel, sideBySide } from './picture/side-by-side.ts';
import { type ComputeOptions, openSession } from './session.ts';

/** Options of the demonstration. */
export interface DemonstrationOptions extends ComputeOptions {
  /** Folder for the files; made when it is not there. */
  readonly out: string;
  readonly bpp?: number;
}

/** kodim23 of the Kodak set, released for unrestricted use. */
const sample = fileURLToPath(new URL('../samples/kodim23.png', import.meta.url));

/**
 * Writes `<name>.vqk`, `<name>.restored.png` and `<name>.comparison.png`, and prints a table.
 *
 * @param photo  Default: the sample.
 * @throws CliError, and what the codec throws.
 */
export async function runDemonstration(photo: string | undefined, options: DemonstrationOptions): Promise<void> {
  // npm runs scripts in the package's folder; people mean the folder that they are in.
  const here = process.env.INIT_CWD ?? process.cwd();
  const path = photo === undefined ? sample : resolve(here, photo);
  const folder = resolve(here, options.out);
  await interruptible(async (signal) => {
    const input = await readInput(path, signal);
    const original = await readPicture(input, path, { signal });
    const { width, height } = original;
    await makeFolder(folder);
    const judge = await createJudge();
    const ours = await codeWithVqkit(original, judge, options, signal);
    const versions = [ours];
    for (const name of ['avif', 'jpeg'] as const) {
      signal.throwIfAborted();
      const { label, code } = baselines[name];
      const { bytes, restored } = await untilAborted(code(original), signal);
      const remark = `${(bytes.length / ours.bytes.length).toFixed(1)} times the bytes`;
      versions.push(await judged(`${label} at its smallest`, original, restored, bytes, judge, remark));
    }
    const name = basename(path, extname(path));
    const files = [
      { path: join(folder, `${name}.vqk`), bytes: ours.bytes },
      { path: join(folder, `${name}.restored.png`), bytes: await encodePicture(ours.picture, 'png', signal) },
      {
        path: join(folder, `${name}.comparison.png`),
        bytes: await sideBySide([
          { title: 'Original', facts: `${width}×${height}, ${formatBytes(input.length)}`, picture: original },
          ...versions,
        ]),
      },
    ];
    for (const file of files) await writeOutput(file.path, file.bytes, signal);
    const [head, ...rows] = formatTable([
      [basename(path), 'bytes', 'bpp', 'PSNR', 'SSIM'],
      ...versions.map(({ title, row }) => [title, ...row]),
    ]);
    const table = [head!, ...rows.map((row, i) => `${row}  ${versions[i]!.remark}`)];
    await printReport({}, [...table, '', ...files.map((file) => `wrote ${relative(here, file.path)}`)], {});
  });
}

interface Version extends Panel {
  readonly bytes: Uint8Array;
  readonly row: readonly string[];
  /** After the row. */
  readonly remark: string;
}

async function codeWithVqkit(
  original: Raster<IntegerSamples>,
  judge: Judge,
  options: DemonstrationOptions,
  signal: AbortSignal,
): Promise<Version> {
  const session = await openSession(options, signal);
  try {
    const { codec } = session;
    await codec.warmup(original.width, original.height);
    const start = performance.now();
    const bytes = await codec.encode(original, { targetBpp: options.bpp, signal });
    const encoded = performance.now();
    const { image } = await codec.decode(bytes, { signal });
    const times = `encoded in ${formatTime(encoded - start)}, decoded in ${formatTime(performance.now() - encoded)}`;
    return await judged('vqkit', original, image, bytes, judge, times);
  } finally {
    session.dispose();
  }
}

async function judged(
  title: string,
  original: Raster<IntegerSamples>,
  picture: Raster<IntegerSamples>,
  bytes: Uint8Array,
  judge: Judge,
  remark: string,
): Promise<Version> {
  const { psnr, ssim } = await judge.compare(original, picture);
  const bpp = ((8 * bytes.length) / (original.width * original.height)).toFixed(4);
  const [decibels, similarity] = [`${psnr.toFixed(2)} dB`, ssim?.toFixed(3) ?? '–'];
  const count = bytes.length.toLocaleString('en-US');
  return {
    title,
    facts: `${count} bytes · ${bpp} bpp · PSNR ${decibels} · SSIM ${similarity}`,
    picture,
    bytes,
    row: [count, bpp, decibels, similarity],
    remark,
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new CliError({
      code: 'OUTPUT_UNWRITABLE',
      message: `expected to make the folder '${folder}', got: ${reasonOf(cause)}`,
      fix: 'Pass --out with another folder',
      cause,
    });
  }
}
