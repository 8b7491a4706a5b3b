/** What loading any model of a weights package takes: names looked up, tensors read and checked, errors that say what to do. */
import { cpu, disposeTree, type HostTree, openSafetensors, type Quantizer, readTree } from '@vqkit/core';
import { TokenizerError } from '../errors.ts';
import { findNotFinite, withEmptyBranches } from './host-tree.ts';
import { withoutInt8 } from './int8.ts';
import { type WeightsPackage, weightsFileOf } from './manifest.ts';

const drawing = 'These weights draw: pass them to createGenerator of @vqkit/tokenizer/generation';

/** What to do with weights that are no autoencoder, by architecture. */
const otherReaders = new Map([
  ['tvq-rap', 'These weights enlarge: pass them to createUpscaler of @vqkit/sr, or to vqkit upscale'],
  [
    'index-transformer',
    'These weights complete index maps: pass them to transformerConceal of @vqkit/codec/transformer',
  ],
  ['index-generator', drawing],
  ['latent-flow', drawing],
]);

/**
 * Makes what a manifest names.
 *
 * @throws TokenizerError `ARCHITECTURE_MISSING`, `QUANTIZER_MISSING`, `MANIFEST_INVALID` for options that it does not take.
 */
export function makeNamed<T>(
  code: 'ARCHITECTURE_MISSING' | 'QUANTIZER_MISSING',
  table: Readonly<Record<string, (options: never) => T>>,
  name: string,
  options: object,
): T {
  const factory = Object.hasOwn(table, name) ? table[name] : undefined;
  if (factory) return made(() => factory(options as never), name, options);
  const isQuantizer = code === 'QUANTIZER_MISSING';
  const what = isQuantizer ? 'quantizers' : 'architectures';
  throw new TokenizerError({
    code,
    message: `expected '${name}' among the ${what}, got ${Object.keys(table).join(', ') || 'none'}`,
    fix: (isQuantizer ? undefined : otherReaders.get(name)) ?? `Pass it: { ${what}: { '${name}': … } }`,
  });
}

function made<T>(make: () => T, name: string, options: object): T {
  try {
    return make();
  } catch (cause) {
    throw new TokenizerError({
      code: 'MANIFEST_INVALID',
      message: `expected options that '${name}' takes, got ${JSON.stringify(options).slice(0, 200)}: ${cause instanceof Error ? cause.message : String(cause)}`,
      fix: 'Publish the weights again after training',
      cause,
    });
  }
}

/** A quantizer's parameters from a file, with the branches that files do not hold. */
export function restoredParams(quantizer: Quantizer, params: HostTree | undefined): HostTree {
  const backend = cpu();
  const fresh = quantizer.init(backend, 0);
  const tree = withEmptyBranches(fresh, params);
  disposeTree(fresh);
  backend.dispose();
  return tree;
}

/**
 * Reads the tensors of a package, makes sure that they are finite, and builds a model of them.
 *
 * @param expected  What the file has to hold, in words.
 * @throws TokenizerError `WEIGHTS_DAMAGED` for what `build` throws; the signal's reason.
 */
export async function buildModel<M>(
  weights: WeightsPackage,
  { expected, signal }: { readonly expected: string; readonly signal?: AbortSignal | undefined },
  build: (tree: Readonly<Record<string, HostTree | undefined>>) => M,
): Promise<M> {
  const bytes = await weights.load(weightsFileOf(weights.manifest), { signal }); // its errors say what happened: they pass
  try {
    const { tree } = await readTree(withoutInt8(await openSafetensors(bytes)));
    const bad = findNotFinite(tree);
    if (bad !== undefined) throw new Error(`values of '${bad}' that are not finite`);
    return build(tree as Record<string, HostTree>);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new TokenizerError({
      code: 'WEIGHTS_DAMAGED',
      message: `expected the weights '${weights.manifest.id}' with ${expected}, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      fix: 'Install the weights package again, or publish it again after training',
      cause,
    });
  }
}
