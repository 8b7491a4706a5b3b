/**
 * A weights package as a model on the host: networks, their weights, and one quantizer per rate. Nested codebooks are
 * quantizers like any other, with one codebook each.
 */
import { type HostTree, type Quantizer, type Tensor, trace, uploadTree } from '@vqkit/core';
import { codebookQuantizer } from '@vqkit/core/codebook';
import { type Architectures, type Autoencoder, defaultArchitectures, type Quantizers } from '../autoencoder.ts';
import { buildModel, makeNamed, restoredParams } from './build.ts';
import { isHostTensor } from './host-tree.ts';
import { checkManifest, type WeightsManifest, type WeightsPackage } from './manifest.ts';

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
  const manifest = checkManifest(weights?.manifest);
  const { network, ratesOf, expected: codes } = partsOf(manifest, manifest, options);
  const expected = `an encoder, a decoder and ${codes}`;
  return buildModel(weights, { expected, signal: options.signal }, (tree) => {
    const { encoder, decoder } = tree;
    const model = { manifest, network, encoder: encoder!, decoder: decoder!, rates: ratesOf(tree) };
    checkEncoder(model);
    checkDecoder(model);
    return model;
  });
}

/** The network and the rates that a manifest names. */
interface NamedParts {
  readonly network: Autoencoder;
  /** What the file has to hold for the rates, in words. */
  readonly expected: string;
  /** Rates from the tensors of the file. */
  ratesOf(tree: Readonly<Record<string, HostTree | undefined>>): readonly RateModel[];
}

/**
 * @internal Looks the names of a manifest up.
 *
 * @param autoencoder  Architecture and options of encoder and decoder.
 * @throws TokenizerError `ARCHITECTURE_MISSING`, `QUANTIZER_MISSING`, `MANIFEST_INVALID`
 */
export function partsOf(
  { quantizer: spec, codebookSizes = [] }: WeightsManifest,
  autoencoder: Pick<WeightsManifest, 'architecture' | 'options'>,
  { architectures: own, quantizers = {} }: Implementations,
): NamedParts {
  const architectures = { ...defaultArchitectures, ...own };
  const { architecture, options } = autoencoder;
  const network = makeNamed<Autoencoder>('ARCHITECTURE_MISSING', architectures, architecture, options);
  const quantizer = spec && makeNamed<Quantizer>('QUANTIZER_MISSING', quantizers, spec.name, spec.options);
  return {
    network,
    expected: spec ? `parameters of the quantizer '${spec.name}'` : `codebooks of ${codebookSizes.join(', ')} codes`,
    ratesOf: ({ codebooks, quantizer: params }) => {
      const books = (codebooks ?? {}) as Record<string, HostTree>;
      const rates = quantizer
        ? [{ quantizer, params: restoredParams(quantizer, params) }]
        : codebookSizes.map((codes) => nested(codes, network.dimension, books[codes]));
      return rates.map((rate) => {
        const { codebookSizes: sizes, bitsPerPosition } = rate.quantizer;
        return { codebookSizes: sizes, bitsPerPosition, ...rate };
      });
    },
  };
}

/** One of the nested codebooks as a quantizer. */
function nested(codes: number, dimension: number, codebook: HostTree | undefined) {
  if (!isHostTensor(codebook) || codebook.shape.join() !== `${codes},${dimension}`)
    throw new Error(`no codebook of ${codes} codes with ${dimension} values`);
  const quantizer = codebookQuantizer('tokenizer', { codes, dimension }) as unknown as Quantizer;
  return { quantizer, params: { codebook } };
}

const f32 = (...shape: number[]) => ({ shape, dtype: 'f32' as const });

function expectShape(what: string, shape: readonly number[], wanted: readonly number[]): void {
  if (shape.join() !== wanted.join()) throw new Error(`${what} [${shape}] instead of [${wanted}]`);
}

/** Traces the encoder and the search for codes on one position: operations check names and shapes. */
function checkEncoder({ network, encoder, rates }: TokenizerModel): void {
  const { scale, channels = 3, dimension } = network;
  const image = f32(1, scale, scale, channels);
  const [z] = trace((x: Tensor) => network.encode(uploadTree(x.backend, encoder), x), [image]).outputs;
  expectShape('features', z!.shape, [1, 1, 1, dimension]);
  for (const { quantizer, params, codebookSizes } of rates) {
    const search = (x: Tensor): Tensor => quantizer.encode(uploadTree(x.backend, params), x);
    const [indices] = trace(search, [f32(1, 1, 1, dimension)]).outputs;
    expectShape('indices', indices!.shape, [1, 1, 1, codebookSizes.length]);
  }
}

/** @internal The same of the way from indices to pixels. @throws Error */
export function checkDecoder({ network, decoder, rates }: Omit<TokenizerModel, 'manifest' | 'encoder'>): void {
  const { scale, channels = 3, dimension } = network;
  const toPixels = (x: Tensor): Tensor => network.decode(uploadTree(x.backend, decoder), x);
  const [xHat] = trace(toPixels, [f32(1, 1, 1, dimension)]).outputs;
  expectShape('pixels', xHat!.shape, [1, scale, scale, channels]);
  for (const { quantizer, params, codebookSizes } of rates) {
    const lookUp = (x: Tensor): Tensor => quantizer.decode(uploadTree(x.backend, params), x);
    const [zQ] = trace(lookUp, [{ shape: [1, 1, 1, codebookSizes.length], dtype: 'u32' }]).outputs;
    expectShape('vectors', zQ!.shape, [1, 1, 1, dimension]);
  }
}
