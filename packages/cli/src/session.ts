/** A codec with its backend and weights, opened from the options that commands share. */
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Codec, createCodec } from '@vqkit/codec';
import type { Backend } from '@vqkit/core';
import type { Upscaler } from '@vqkit/sr';
import type { Implementations, WeightsPackage } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import type { Command } from 'commander';
import { openBackend } from './backends.ts';
import { CliError, reasonOf } from './errors.ts';
import { effortLevel, integerFrom } from './io/numbers.ts';

/** Where commands compute. */
export interface BackendOptions {
  readonly backend: string;
  readonly threads?: number;
}

/** Options of commands that compute with weights of the codec. */
export interface ComputeOptions extends BackendOptions {
  readonly weights: string;
}

/** Options of commands that encode. */
export interface EncodeComputeOptions extends ComputeOptions {
  readonly effort?: number;
  readonly lpipsWeights?: string;
}

/** The default of `--weights`. */
const defaultWeights = '@vqkit/weights-photo';

/** Adds the options that say where to compute. */
export function addBackendOptions(command: Command): Command {
  return command
    .option('--backend <name>', 'where to compute: auto, onnx, webgpu, tfjs or cpu', 'auto')
    .option('--threads <n>', 'threads of the onnx backend (default: one per core)', integerFrom(1, 1024));
}

/** Adds the options that commands of the codec share. */
export function addComputeOptions(command: Command): Command {
  return addBackendOptions(command).option(
    '--weights <package>',
    'npm name of a weights package, a file: ./weights.js, or a folder: ./run',
    defaultWeights,
  );
}

/** Adds the options that say how long to look for better indices. `lpips` is what LPIPS weights are for. */
export function addEffortOptions(command: Command, lpips: string): Command {
  return command
    .option(
      '--effort <n>',
      'look longer for a better picture of the same size, 0 to 3; needs --lpips-weights',
      effortLevel,
      0,
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

/** An open codec. */
export type CodecSession = Session<Codec> & { readonly codec: Codec };

/**
 * Opens a codec, with LPIPS to make small where there is an effort.
 *
 * @throws CliError `USAGE`, `BACKEND_UNAVAILABLE`, `WEIGHTS_UNUSABLE`; CodecError `WEIGHTS_DAMAGED`; WeightsError of LPIPS.
 */
export async function openSession(options: EncodeComputeOptions, signal?: AbortSignal): Promise<CodecSession> {
  const { effort = 0, lpipsWeights } = options;
  if (effort > 0 && lpipsWeights === undefined) {
    throw new CliError({
      code: 'USAGE',
      message: `expected --lpips-weights beside --effort ${effort}: what is made small is LPIPS`,
      fix: 'Name a file of SqueezeNet LPIPS weights, or leave --effort out',
    });
  }
  const session = await openWith(options, async (weights, settings) => {
    const perceptual = effort > 0 ? await loadPerceptual(settings.backend, lpipsWeights!, signal) : undefined;
    return createCodec(weights, { ...settings, perceptual, signal });
  });
  return { ...session, codec: session.value };
}

async function loadPerceptual(backend: Backend, files: string, signal?: AbortSignal) {
  const { perceptualLpips } = await import('@vqkit/metrics');
  const [backbone, linear] = files.split(',');
  return perceptualLpips(backend, backbone, { backbone: 'squeeze', linear, signal });
}

/** Opens an upscaler. @throws CliError `USAGE`, `BACKEND_UNAVAILABLE`, `WEIGHTS_UNUSABLE`; UpscalerError */
export async function openUpscaler(options: ComputeOptions, signal?: AbortSignal): Promise<Session<Upscaler>> {
  const [{ createUpscaler }, { quantizers }] = await Promise.all([import('@vqkit/sr'), import('@vqkit/training')]);
  return openWith(options, (weights, { backend }) => createUpscaler(weights, { backend, quantizers, signal }));
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

/**
 * Imports a weights package by its npm name, or a file whose path begins with `./`, `../` or a root. Nothing else is looked for
 * in the current folder: it may hold files from strangers.
 *
 * @throws CliError `WEIGHTS_UNUSABLE`
 */
export async function importWeights(name: string): Promise<WeightsPackage> {
  const isFile = isWeightsPath(name);
  try {
    if (!isFile && !packageName.test(name)) throw new Error('this is neither an npm name nor a path with ./ before it');
    if (isFile && (await stat(resolve(name)).catch(() => undefined))?.isDirectory())
      return await openWeights(resolve(name));
    const module = (await import(isFile ? pathToFileURL(resolve(name)).href : name)) as Partial<WeightsPackage>;
    if (module.manifest !== undefined && typeof module.load === 'function') return module as WeightsPackage;
    throw new Error('it does not export `manifest` and `load`');
  } catch (cause) {
    throw new CliError({
      code: 'WEIGHTS_UNUSABLE',
      message: `expected a weights package at '${name}', got: ${reasonOf(cause)}`,
      fix: isFile
        ? 'Pass --weights with another file'
        : `Install it with npm install ${name}; put ./ before the path of a file`,
      cause,
    });
  }
}

/** Whether a name of weights is a path, and none of a package. */
export function isWeightsPath(name: string): boolean {
  return isAbsolute(name) || ['./', '../', `.${sep}`, `..${sep}`].some((start) => name.startsWith(start));
}

/** An npm name, perhaps with a path inside the package. */
const packageName = /^(@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*(\/[\w~-][\w.~-]*)*$/;
