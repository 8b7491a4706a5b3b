/** A batch as its options say it, checked before any process is started. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { type BatchOptions, defaultWorkers, type ResultForm, resultForms, threadsFor } from '@vqkit/batch';
import { pictureExtensions } from '@vqkit/images/node';
import { priorFiles, weightsFileOf } from '@vqkit/tokenizer';
import { InvalidArgumentError } from 'commander';
import { checkConcealing } from '../concealer.ts';
import { CliError } from '../errors.ts';
import { importWeights, isWeightsPath } from '../import-weights.ts';
import { checkCodes } from '../session.ts';
import type { BatchCommand } from './work.ts';

/** Options of `vqkit batch`. */
export interface BatchFlags extends Omit<BatchCommand, 'command' | 'threads'> {
  readonly output: string;
  readonly as: readonly ResultForm[];
  readonly shard?: number;
  readonly workers?: number;
  readonly threads?: number;
  readonly retryFailed?: boolean;
  readonly restart?: boolean;
  readonly queue?: string;
  readonly json?: boolean;
}

/** The file of the pool's processes: TypeScript from sources; published, it is bundled beside this one. */
export const workModule = new URL(import.meta.url.endsWith('.ts') ? './work.ts' : './batch-work.js', import.meta.url);

/** Inputs a job where results are files of their own: what is done again after an interruption. */
const filesPerJob = 100;

/** Samples of a shard. */
const imagesPerShard = 1000;

/** Reads forms of results between commas. @throws InvalidArgumentError */
export function formsOf(text: string): ResultForm[] {
  const forms = text.split(',');
  const isKnown = forms.every((form) => (resultForms as readonly string[]).includes(form));
  if (isKnown && (forms.length === 1 || !forms.includes('files'))) return [...new Set(forms)] as ResultForm[];
  throw new InvalidArgumentError(`Expected files, or tar and parquet between commas.`);
}

/** Processes and the engine's threads in each: together about as many as there are cores. */
export function balance({ workers, threads }: Pick<BatchFlags, 'workers' | 'threads'>): {
  workers: number;
  threads: number;
} {
  const count = workers ?? defaultWorkers();
  return { workers: count, threads: threads ?? threadsFor(count) };
}

/** @throws CliError `USAGE`, `WEIGHTS_UNUSABLE` */
export async function planOf(
  command: BatchCommand['command'],
  sources: readonly string[],
  flags: BatchFlags,
): Promise<Omit<BatchOptions, 'signal' | 'onProgress'>> {
  const { output, as, shard, retryFailed, restart, bpp, bytes, codes, alpha, format, scale, backend, weights } = flags;
  const { conceal, concealWeights } = flags;
  if (command === 'tokenize' && as.includes('files')) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected index maps as tar or parquet, got --as files',
      fix: 'Leave it out',
    });
  }
  if ([bpp, bytes, codes].filter((value) => value !== undefined).length > 1) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected one of --bpp, --bytes and --codes, got several',
      fix: 'Say how large the files may be in one way',
    });
  }
  await checkCodes(weights, codes === undefined ? [] : [codes]);
  if (conceal !== undefined) await checkConcealing(flags);
  // A worker elsewhere has another folder.
  const placeOf = (name: string): string => (isWeightsPath(name) ? resolve(name) : name);
  const concealing = {
    // the default is left out, as earlier versions did
    conceal: conceal === 'auto' ? undefined : conceal,
    concealWeights: concealWeights === undefined ? undefined : placeOf(concealWeights),
  };
  const settings = { bpp, bytes, codes, alpha, format, scale, ...concealing };
  const place = placeOf(weights);
  const options: BatchCommand = { command, ...settings, backend, weights: place, threads: balance(flags).threads };
  return {
    sources,
    extensions: command === 'decode' ? ['vqk'] : pictureExtensions,
    work: { options, forms: as, output },
    writes: as.includes('files') ? [command === 'encode' ? 'vqk' : (format ?? 'png')] : [],
    jobSize: shard ?? (as.includes('files') ? filesPerJob : imagesPerShard),
    identity: { command, options: settings, tokenizer: await factsOf(weights) },
    retryFailed,
    restart,
  };
}

/** The manifest of weights, and digests of their files: the same indices come of the same digests. */
async function factsOf(weights: string) {
  const { manifest, load } = await importWeights(weights);
  const digest = async (file: string) =>
    [
      file,
      createHash('sha256')
        .update(await load(file))
        .digest('hex'),
    ] as const;
  const digests = await Promise.all([weightsFileOf(manifest), ...priorFiles(manifest)].map(digest));
  return { weights, manifest, sha256: Object.fromEntries(digests) };
}
