/** Loads the parameters of LPIPS from the files that its authors and torchvision publish. */
import { type Backend, type Tensor, tensor } from '@vqkit/core';
import { WeightsError } from '../errors.ts';
import { loadConvolutions } from '../networks/convolution.ts';
import { knownFiles, requireSource } from '../weights/known-files.ts';
import type { ReadOptions, WeightsSource } from '../weights/source.ts';
import { openStateDictionary, type StateDictionary } from '../weights/state-dictionary.ts';
import { type LpipsBackbone, type LpipsParams, lpipsBackbones } from './lpips.ts';

/** Which weights, and how to read them. */
export interface LoadLpipsOptions extends Omit<ReadOptions, 'sha256'> {
  readonly backbone: LpipsBackbone;
  /** The linear layers (one weight per channel), when `source` holds the backbone alone. */
  readonly linear?: WeightsSource;
}

/**
 * Loads LPIPS weights.
 *
 * @param source  Torchvision's state dictionary of the backbone (`features.0.weight`, …), with the linear layers
 *   (`lin0.weight` or `lin0.model.1.weight`, …) in the same file or in `options.linear`.
 *   Undefined gives the error that says where the official files are.
 * @throws WeightsError `WEIGHTS_MISSING`, `WEIGHTS_MISMATCH`, `WEIGHTS_DAMAGED`, `CHECKSUM_MISMATCH`, `PICKLE_UNSAFE`
 */
export async function loadLpips(
  backend: Backend,
  source: WeightsSource | undefined,
  { backbone: name, linear, ...options }: LoadLpipsOptions,
): Promise<LpipsParams> {
  const backbone = lpipsBackbones[name];
  const known = requireSource(`loadLpips (${name})`, `backbone-${name}`, source);
  const weights = await openStateDictionary(known, options);
  const layers = linear === undefined ? weights : await openStateDictionary(linear, options);
  const linearParams: Tensor[] = [];
  for (const [i, channels] of backbone.channels.entries()) {
    const values = await layers.read(linearName(layers, i, name), [channels]);
    linearParams.push(tensor(backend, values));
  }
  return { backbone: await loadConvolutions(backend, weights, backbone.convolutions), linear: linearParams };
}

function linearName({ names }: StateDictionary, i: number, backbone: LpipsBackbone): string {
  const found = [`lin${i}.weight`, `lin${i}.model.1.weight`].find((name) => names.includes(name));
  if (found !== undefined) return found;
  throw new WeightsError({
    code: 'WEIGHTS_MISMATCH',
    message: `loadLpips: expected the linear layer 'lin${i}.weight', got a file without it`,
    fix: `Pass { linear } with ${knownFiles[`lpips-${backbone}`].url}`,
  });
}
