/** A codec with its backend and weights, opened from the options that commands share. */
import { type Codec, createCodec, type PerceptualLoss } from '@vqkit/codec';
import type { Backend } from '@vqkit/core';
import type { Upscaler } from '@vqkit/sr';
import type { Implementations, WeightsPackage } from '@vqkit/tokenizer';
import type { Generator, SamplingOptions } from '@vqkit/tokenizer/generation';
import { type Command, Option } from 'commander';
import { backendNames, openBackend } from './backends.ts';
import { type Concealer, type ConcealOptions, openConcealer } from './concealer.ts';
import { CliError } from './errors.ts';
import { importWeights } from './import-weights.ts';
import { effortLevel, integerFrom } from './io/numbers.ts';

/** Where commands compute. */
export interface BackendOptions {
  readonly backend: string;
  readonly threads?: number;
}

/** Options of commands that compute with weights of the codec. */
export interface ComputeOptions extends BackendOptions, ConcealOptions {
  readonly weights: string;
}

/** Options of commands that encode. */
export interface EncodeComputeOptions extends ComputeOptions {
  readonly effort?: number;
  readonly effortBy?: EffortLoss;
  readonly lpipsWeights?: string;
}

/** What effort makes small, beside L1. */
const effortLosses = ['lpips', 'ms-ssim'] as const;
type EffortLoss = (typeof effortLosses)[number];

/** The default of `--weights` where images are coded. */
const defaultWeights = '@vqkit/weights-photo';

/** The default where images are enlarged. */
export const defaultSrWeights = '@vqkit/weights-sr-x4';

/** Adds the options that say where to compute. */
export function addBackendOptions(command: Command): Command {
  return command
    .addOption(new Option('--backend <name>', 'where to compute').choices(backendNames).default('auto'))
    .option('--threads <n>', 'threads of the onnx backend (default: one per core)', integerFrom(1, 1024));
}

/** Adds the options that commands with weights share. */
export function addComputeOptions(command: Command, weights = defaultWeights): Command {
  return addBackendOptions(command).option(
    '--weights <package>',
    'npm name of a weights package, a file: ./weights.js, or a folder: ./run',
    weights,
  );
}

/** Adds the options that say how long to look for better indices. `lpips` is what LPIPS weights are for. */
export function addEffortOptions(command: Command, lpips: string): Command {
  return command
    .option('--effort <n>', 'look longer for a better picture of the same size, 0 to 3', effortLevel, 0)
    .addOption(
      new Option(
        '--effort-by <measure>',
        'what is better (default: lpips, with MS-SSIM, where there are weights)',
      ).choices(effortLosses),
    )
    .option('--lpips-weights <file>', lpips);
}

/** Checks codebook sizes before anything large is loaded. @throws CliError `USAGE`, `WEIGHTS_UNUSABLE` */
export async function checkCodes(weights: string, codes: readonly number[]): Promise<void> {
  if (codes.length === 0) return;
  const { codebookSizes = [] } = (await importWeights(weights)).manifest;
  const unknown = codes.find((size) => !codebookSizes.includes(size));
  if (unknown === undefined) return;
  throw new CliError({
    code: 'USAGE',
    message: `expected --codes to be one of ${codebookSizes.join(', ') || 'none: these weights have one rate'}, got ${unknown}`,
    fix: codebookSizes.length > 0 ? 'Choose one of these, or use --bpp' : 'Leave --codes out',
  });
}

/** What a command computes with, open. */
export interface Session<T> {
  readonly value: T;
  /** Name of the backend. */
  readonly backend: string;
  dispose(): void;
}

/** An open codec; `concealedBy` says what filled in what was lost of the last file. */
export type CodecSession = Session<Codec> & { readonly codec: Codec; readonly concealedBy: Concealer['used'] };

/**
 * Opens a codec, with a loss to make small where there is an effort.
 *
 * @throws CliError `USAGE`, `BACKEND_UNAVAILABLE`, `WEIGHTS_UNUSABLE`; CodecError `WEIGHTS_DAMAGED`; WeightsError of LPIPS.
 */
export async function openSession(options: EncodeComputeOptions, signal?: AbortSignal): Promise<CodecSession> {
  const { effort = 0, lpipsWeights, effortBy = lpipsWeights === undefined ? 'ms-ssim' : 'lpips' } = options;
  if (effort > 0 && effortBy === 'lpips' && lpipsWeights === undefined) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected --lpips-weights beside --effort-by lpips',
      fix: 'Name a file of SqueezeNet LPIPS weights, or take --effort-by ms-ssim',
    });
  }
  let concealer: Concealer | undefined;
  const session = await openWith(options, async (weights, settings) => {
    concealer = await openConcealer(options, settings.backend);
    const lpips = effortBy === 'lpips' ? lpipsWeights : undefined;
    const perceptual = effort > 0 ? await loadPerceptual(settings.backend, lpips, signal) : undefined;
    return createCodec(weights, { ...settings, conceal: concealer.conceal, perceptual, signal });
  });
  const dispose = (): void => {
    concealer?.dispose();
    session.dispose();
  };
  return { ...session, dispose, codec: session.value, concealedBy: () => concealer?.used() };
}

/** @param files  Of LPIPS; MS-SSIM without them. */
async function loadPerceptual(
  backend: Backend,
  files: string | undefined,
  signal?: AbortSignal,
): Promise<PerceptualLoss> {
  const { perceptualLpips, perceptualMsSsim } = await import('@vqkit/metrics');
  if (files === undefined) return perceptualMsSsim();
  const [backbone, linear] = files.split(',');
  return perceptualLpips(backend, backbone, { backbone: 'squeeze', linear, signal });
}

/** Opens an upscaler. @throws CliError `USAGE`, `BACKEND_UNAVAILABLE`, `WEIGHTS_UNUSABLE`; UpscalerError */
export async function openUpscaler(options: ComputeOptions, signal?: AbortSignal): Promise<Session<Upscaler>> {
  const [{ createUpscaler }, { quantizers }] = await Promise.all([import('@vqkit/sr'), import('@vqkit/training')]);
  return openWith(options, (weights, { backend }) => createUpscaler(weights, { backend, quantizers, signal }));
}

/** Opens a generator, and the weights of `--tokenizer` where they are named. @throws as `openUpscaler`; TokenizerError */
export async function openGenerator(
  { tokenizer: name, ...options }: ComputeOptions & { readonly tokenizer?: string },
  sampling: SamplingOptions,
  signal?: AbortSignal,
): Promise<Session<Generator>> {
  const [{ createGenerator }, { quantizers }] = await Promise.all([
    import('@vqkit/tokenizer/generation'),
    import('@vqkit/training'),
  ]);
  const tokenizer = name === undefined ? undefined : await importWeights(name);
  const open = (weights: WeightsPackage, { backend }: { readonly backend: Backend }): Promise<Generator> =>
    createGenerator(weights, { backend, quantizers, tokenizer, sampling, signal });
  return openWith(options, open);
}

/** Opens weights on a backend. @throws as `openSession` */
export async function openWith<T extends { dispose(): void }>(
  options: ComputeOptions,
  open: (weights: WeightsPackage, settings: Implementations & { readonly backend: Backend }) => Promise<T>,
): Promise<Session<T>> {
  const weights = await importWeights(options.weights);
  const backend = await openBackend(options.backend, options.threads);
  try {
    // Only weights that name a quantizer need their table.
    const quantizers = weights.manifest.quantizer && (await import('@vqkit/training')).quantizers;
    const value = await open(weights, { backend, quantizers });
    return {
      value,
      backend: backend.name,
      dispose: () => {
        value.dispose();
        backend.dispose();
      },
    };
  } catch (error) {
    backend.dispose();
    throw error;
  }
}
