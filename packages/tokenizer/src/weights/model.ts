/**
 * A weights package as a model on the host: networks, their weights, and one quantizer per rate. Nested codebooks are
 * quantizers like any other, with one codebook each.
 */
import { cpu, disposeTree, type HostTree, type Quantizer, readTree, type Tensor, trace, uploadTree } from '@vqkit/core';
import { codebookQuantizer } from '@vqkit/core/codebook';
import { type Architectures, type Autoencoder, defaultArchitectures, type Quantizers } from '../autoencoder.ts';
import { TokenizerError } from '../errors.ts';
import { findNotFinite, isHostTensor, withEmptyBranches } from './host-tree.ts';
import { checkManifest, type WeightsManifest, type WeightsPackage, weightsFile } from './manifest.ts';

/** One way to code an image: what an index map can say, and what it costs. */
export interface Rate {
  /** K of every plane. */
  readonly codebookSizes: readonly number[];
  /** Bits of a position before entropy coding: Σ log₂ K. */
  readonly bitsPerPosition: number;
}

/** A rate with the quantizer behind it. */
export interface RateModel extends Rate {
  readonly quantizer: Quantizer;
  readonly params: HostTree;
}

/** Networks, weights and rates on the host. */
export interface TokenizerModel {
  readonly manifest: WeightsManifest;
  readonly network: Autoencoder;
  readonly encoder: HostTree;
  readonly decoder: HostTree;
  /** Ascending in bits per position. */
  readonly rates: readonly RateModel[];
}

/** What names in a manifest mean. */
export interface Implementations {
  /** Besides `photo-tokenizer`, `vqvae` and `vqgan`. */
  readonly architectures?: Architectures;
  /** Needed for manifests that name a quantizer; nested codebooks need none. */
  readonly quantizers?: Quantizers;
}

/** Options of `loadModel`. */
export interface LoadModelOptions extends Implementations {
  readonly signal?: AbortSignal;
}

/**
 * Loads a model, and makes sure that its tensors have the names and shapes that the networks use, and are finite.
 *
 * @throws TokenizerError `MANIFEST_INVALID`, `ARCHITECTURE_MISSING`, `QUANTIZER_MISSING`, `WEIGHTS_DAMAGED`; the signal's reason.
 */
export async function loadModel(weights: WeightsPackage, options: LoadModelOptions = {}): Promise<TokenizerModel> {
  const { signal, quantizers } = options;
  const manifest = checkManifest(weights?.manifest);
  const architectures = { ...defaultArchitectures, ...options.architectures };
  const network = make<Autoencoder>('ARCHITECTURE_MISSING', architectures, manifest.architecture, manifest.options);
  const { quantizer: spec, codebookSizes = [] } = manifest;
  const quantizer = spec && make<Quantizer>('QUANTIZER_MISSING', quantizers ?? {}, spec.name, spec.options);
  const bytes = await weights.load(weightsFile, { signal }); // its errors say what happened: they pass
  try {
    const { tree } = await readTree(bytes);
    const { encoder, decoder, codebooks, quantizer: params } = tree as Record<string, HostTree>;
    const books = (codebooks ?? {}) as Record<string, HostTree>;
    const rates = quantizer
      ? [{ quantizer, params: restored(quantizer, params) }]
      : codebookSizes.map((codes) => nested(codes, network.dimension, books[codes]));
    const model = {
      manifest,
      network,
      encoder: encoder!,
      decoder: decoder!,
      rates: rates.map((rate) => {
        const { codebookSizes: sizes, bitsPerPosition } = rate.quantizer;
        return { codebookSizes: sizes, bitsPerPosition, ...rate };
      }),
    };
    checkModel(model);
    return model;
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new TokenizerError({
      code: 'WEIGHTS_DAMAGED',
      message: `expected the weights '${manifest.id}' with an encoder, a decoder and ${spec ? `parameters of the quantizer '${spec.name}'` : `codebooks of ${codebookSizes.join(', ')} codes`}, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      fix: 'Install the weights package again, or publish it again after training',
      cause,
    });
  }
}

function make<T>(
  code: 'ARCHITECTURE_MISSING' | 'QUANTIZER_MISSING',
  table: Readonly<Record<string, (options: never) => T>>,
  name: string,
  options: object,
): T {
  const factory = Object.hasOwn(table, name) ? table[name] : undefined;
  if (factory) return factory(options as never);
  const what = code === 'QUANTIZER_MISSING' ? 'quantizers' : 'architectures';
  throw new TokenizerError({
    code,
    message: `expected '${name}' among the ${what}, got ${Object.keys(table).join(', ') || 'none'}`,
    fix: `Pass it: { ${what}: { '${name}': … } }`,
  });
}

/** One of the nested codebooks as a quantizer. */
function nested(codes: number, dimension: number, codebook: HostTree | undefined) {
  if (!isHostTensor(codebook) || codebook.shape.join() !== `${codes},${dimension}`)
    throw new Error(`no codebook of ${codes} codes with ${dimension} values`);
  const quantizer = codebookQuantizer('tokenizer', { codes, dimension }) as unknown as Quantizer;
  return { quantizer, params: { codebook } };
}

/** Parameters from a file, with the branches that files do not hold. */
function restored(quantizer: Quantizer, params: HostTree | undefined): HostTree {
  const backend = cpu();
  const fresh = quantizer.init(backend, 0);
  const tree = withEmptyBranches(fresh, params);
  disposeTree(fresh);
  backend.dispose();
  return tree;
}

/** Traces networks and quantizers on one position: operations check names and shapes. */
function checkModel({ network, encoder, decoder, rates }: TokenizerModel): void {
  const { scale, channels = 3, dimension } = network;
  const trees = { encoder, decoder, ...Object.fromEntries(rates.map(({ params }, i) => [`rate ${i}`, params])) };
  const bad = findNotFinite(trees);
  if (bad !== undefined) throw new Error(`values of '${bad}' that are not finite`);
  const f32 = (...shape: number[]) => ({ shape, dtype: 'f32' as const });
  const expectShape = (what: string, shape: readonly number[], wanted: readonly number[]): void => {
    if (shape.join() !== wanted.join()) throw new Error(`${what} [${shape}] instead of [${wanted}]`);
  };
  const image = f32(1, scale, scale, channels);
  const [z] = trace((x: Tensor) => network.encode(uploadTree(x.backend, encoder), x), [image]).outputs;
  expectShape('features', z!.shape, [1, 1, 1, dimension]);
  const [xHat] = trace(
    (x: Tensor) => network.decode(uploadTree(x.backend, decoder), x),
    [f32(1, 1, 1, dimension)],
  ).outputs;
  expectShape('pixels', xHat!.shape, image.shape);
  for (const { quantizer, params, codebookSizes } of rates) {
    const [indices] = trace(
      (x: Tensor) => quantizer.encode(uploadTree(x.backend, params), x),
      [f32(1, 1, 1, dimension)],
    ).outputs;
    expectShape('indices', indices!.shape, [1, 1, 1, codebookSizes.length]);
    const [zQ] = trace(
      (x: Tensor) => quantizer.decode(uploadTree(x.backend, params), x),
      [{ shape: indices!.shape, dtype: 'u32' }],
    ).outputs;
    expectShape('vectors', zQ!.shape, [1, 1, 1, dimension]);
  }
}
