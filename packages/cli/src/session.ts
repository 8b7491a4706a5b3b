/** A codec with its backend and weights, opened from the options that commands share. */
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Codec, createCodec, type WeightsPackage } from '@vqkit/codec';
import type { Command } from 'commander';
import { openBackend } from './backends.ts';
import { CliError, reasonOf } from './errors.ts';
import { positiveInteger } from './io/numbers.ts';

/** Options of commands that compute. */
export interface ComputeOptions {
  readonly backend: string;
  readonly threads?: number;
  readonly weights: string;
}

/** The default of `--weights`. */
const defaultWeights = '@vqkit/weights-photo';

/** Adds the options that commands which compute share. */
export function addComputeOptions(command: Command): Command {
  return command
    .option('--backend <name>', 'where to compute: auto, onnx, webgpu, tfjs or cpu', 'auto')
    .option('--threads <n>', 'threads of the onnx backend (default: one per core)', positiveInteger)
    .option('--weights <package>', 'npm name or file of a weights package', defaultWeights);
}

/** An open codec. */
export interface Session {
  readonly codec: Codec;
  /** Name of the backend. */
  readonly backend: string;
  dispose(): void;
}

/** Opens a codec. @throws CliError `USAGE`, `BACKEND_UNAVAILABLE`, `WEIGHTS_UNUSABLE`; CodecError `WEIGHTS_DAMAGED` */
export async function openSession(options: ComputeOptions, signal?: AbortSignal): Promise<Session> {
  const weights = await importWeights(options.weights);
  const backend = await openBackend(options.backend, options.threads);
  try {
    const codec = await createCodec(weights, { backend, signal });
    return {
      codec,
      backend: backend.name,
      dispose: () => {
        codec.dispose();
        backend.dispose();
      },
    };
  } catch (error) {
    backend.dispose();
    throw error;
  }
}

/** Imports a weights package: a file where there is one by that name, else an npm package. @throws CliError `WEIGHTS_UNUSABLE` */
export async function importWeights(name: string): Promise<WeightsPackage> {
  try {
    const file = resolve(name);
    const isFile = await access(file).then(
      () => true,
      () => false,
    );
    const module = (await import(isFile ? pathToFileURL(file).href : name)) as Partial<WeightsPackage>;
    if (module.manifest !== undefined && typeof module.load === 'function') return module as WeightsPackage;
    throw new Error('it does not export `manifest` and `load`');
  } catch (cause) {
    throw new CliError({
      code: 'WEIGHTS_UNUSABLE',
      message: `expected a weights package at '${name}', got: ${reasonOf(cause)}`,
      fix: `Install it with npm install ${name}, or pass --weights with another`,
      cause,
    });
  }
}
