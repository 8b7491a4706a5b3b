/**
 * Weights of a generator as a package that needs no other: its file holds the decoder and the codes of the tokenizer whose
 * maps it draws beside its own network, and its manifest says what these are.
 */
import { cpu, type HostTree, type Tensor, trace, uploadTree } from '@vqkit/core';
import {
  flowTime,
  type IndexGenerator,
  type IndexGeneratorOptions,
  type IndexGeneratorParams,
  type IndexTransformerOptions,
  indexGenerator,
  type LatentFlow,
  type LatentFlowOptions,
  type LatentFlowParams,
  latentFlow,
} from '@vqkit/models';
import { TokenizerError } from '../errors.ts';
import { buildModel } from '../weights/build.ts';
import { checkManifest, type WeightsManifest, type WeightsPackage } from '../weights/manifest.ts';
import { checkDecoder, type LoadModelOptions, loadModel, partsOf, type TokenizerModel } from '../weights/model.ts';
import { packWeights, type WeightsFiles } from '../weights/pack.ts';

/** Parameters of a latent flow with the scale of the features that it draws, z = mean + deviation · x, and of its times. */
export interface ScaledFlowParams {
  readonly flow: LatentFlowParams;
  /** f32 `[D]`. */
  readonly mean: Tensor;
  /** f32 `[D]`, positive. */
  readonly deviation: Tensor;
  /** Of `flowTime`, f32 `[]`. */
  readonly shift: Tensor;
}

/** A trained network that draws. */
export type DrawingNetwork =
  | {
      readonly architecture: 'index-generator';
      readonly options: IndexGeneratorOptions;
      readonly params: IndexGeneratorParams;
    }
  | { readonly architecture: 'latent-flow'; readonly options: LatentFlowOptions; readonly params: ScaledFlowParams };

/** Positions of a map. */
export interface Grid {
  readonly width: number;
  readonly height: number;
}

/** What goes into a package. */
export interface GeneratorContent {
  /** One to eight printable ASCII characters. */
  readonly id: string;
  readonly network: DrawingNetwork;
  /** Size of the maps that it learned. */
  readonly grid: Grid;
  /** The tokenizer whose maps these are, at its highest rate. */
  readonly tokenizer: TokenizerModel;
}

/** The files of a package, f16: `manifest.json` and `weights.safetensors`. @throws TokenizerError as `packWeights` */
export async function packGenerator({ id, network, grid, tokenizer }: GeneratorContent): Promise<WeightsFiles> {
  const { manifest, decoder, rates } = tokenizer;
  const { params, codebookSizes } = rates.at(-1)!;
  const { architecture, options, quantizer } = manifest;
  const backend = cpu();
  const codes = uploadTree(backend, params);
  return packWeights({
    manifest: {
      id,
      architecture: network.architecture,
      options: { network: network.options, grid, autoencoder: { architecture, options } },
      ...(quantizer ? { quantizer } : { codebookSizes }),
      priors: [],
      tokenizer: manifest.id,
    },
    encoder: network.params,
    decoder: uploadTree(backend, decoder),
    ...(quantizer ? { quantizer: codes } : { codebooks: [(codes as { readonly codebook: Tensor }).codebook] }),
  });
}

/** A network that draws index by index, or one that draws features. */
export type LoadedNetwork =
  | { readonly kind: 'masked'; readonly network: IndexGenerator; readonly params: HostTree }
  | { readonly kind: 'flow'; readonly network: LatentFlow; readonly params: HostTree };

/** A generator on the host. */
export interface GeneratorModel {
  readonly manifest: WeightsManifest;
  readonly drawing: LoadedNetwork;
  /** Size of the maps that it learned; undefined where it learned crops of larger ones. */
  readonly grid: Grid | undefined;
  /** From indices to pixels; where the package is all there is, without an encoder. */
  readonly tokenizer: TokenizerModel;
}

/** Options of `loadGenerator`. */
export interface LoadGeneratorOptions extends LoadModelOptions {
  /** Weights whose indices an index transformer completes; generators bring their own. */
  readonly tokenizer?: WeightsPackage | undefined;
}

/**
 * Loads a generator: what `vqkit train generator` published, or an index transformer with the weights that it is for.
 *
 * @throws TokenizerError `MANIFEST_INVALID`, `ARCHITECTURE_MISSING`, `QUANTIZER_MISSING`, `WEIGHTS_DAMAGED`, `TOKENIZER_MISMATCH`;
 *   the signal's reason.
 */
export async function loadGenerator(
  weights: WeightsPackage,
  options: LoadGeneratorOptions = {},
): Promise<GeneratorModel> {
  const manifest = checkManifest(weights?.manifest);
  const { signal } = options;
  if (manifest.architecture === 'index-transformer') return loadTransformer(weights, manifest, options);
  const { network: sizes, grid, autoencoder } = contentOf(manifest);
  const { network, ratesOf, expected: codes } = partsOf(manifest, autoencoder, options);
  return buildModel(weights, { expected: `a generator, a decoder and ${codes}`, signal }, (tree) => {
    const rates = ratesOf(tree);
    const tokenizer = { manifest, network, encoder: {}, decoder: tree.decoder ?? {}, rates };
    checkDecoder(tokenizer);
    const params = tree.encoder ?? {};
    const drawing: LoadedNetwork =
      manifest.architecture === 'latent-flow'
        ? { kind: 'flow', network: latentFlow(sizes as LatentFlowOptions), params }
        : { kind: 'masked', network: indexGenerator(sizes as IndexGeneratorOptions), params: withTurn(params) };
    const model = { manifest, drawing, grid, tokenizer };
    checkDrawing(model);
    return model;
  });
}

/** Trees leave empty branches out. */
function withTurn(params: HostTree): HostTree {
  return { turn: {}, ...(params as object) } as HostTree;
}

/** An index transformer as a generator without classes. */
async function loadTransformer(
  weights: WeightsPackage,
  manifest: WeightsManifest,
  { tokenizer: own, ...options }: LoadGeneratorOptions,
): Promise<GeneratorModel> {
  if (own === undefined || own.manifest.id !== manifest.tokenizer) {
    throw new TokenizerError({
      code: 'TOKENIZER_MISMATCH',
      message: `expected the weights '${manifest.tokenizer}' beside '${manifest.id}', which completes their indices, got ${own ? `'${own.manifest.id}'` : 'none'}`,
      fix: 'Pass them as tokenizer: { tokenizer }, or --tokenizer',
    });
  }
  const tokenizer = await loadModel(own, options);
  const { quantizer } = tokenizer.rates.at(-1)!;
  return buildModel(
    weights,
    { expected: 'an index transformer', signal: options.signal },
    ({ encoder: transformer = {} }) => {
      const network = indexGenerator({
        ...(manifest.options as IndexTransformerOptions),
        bits: quantizer.bitsPerPosition,
      });
      const { width } = network.options;
      const label = { data: new Float32Array(width), shape: [1, width], dtype: 'f32' } as const;
      const drawing = { kind: 'masked', network, params: { transformer, label, turn: {} } } as const;
      const model = { manifest, drawing, grid: undefined, tokenizer };
      checkDrawing(model);
      return model;
    },
  );
}

/** Traces the network on one position: operations check names and shapes. @throws Error */
function checkDrawing({ drawing, tokenizer }: GeneratorModel): void {
  const { quantizer } = tokenizer.rates.at(-1)!;
  const { dimension, codebookSizes } = quantizer;
  const vector = { shape: [1, 1, 1, dimension], dtype: 'f32' } as const;
  const one = { shape: [1], dtype: 'u32' } as const;
  if (drawing.kind === 'flow') {
    const apply = (x: Tensor, labels: Tensor, time: Tensor): Tensor[] => {
      const { flow, mean, deviation, shift } = uploadTree(x.backend, drawing.params) as ScaledFlowParams;
      return [drawing.network.apply(flow, { x, time: flowTime(time, shift), labels }), mean, deviation, shift];
    };
    const shapes = trace(apply, [vector, one, { shape: [1], dtype: 'f32' }]).outputs.map(({ shape }) => shape.join());
    const wanted = [vector.shape.join(), `${dimension}`, `${dimension}`, ''];
    if (shapes.join(';') !== wanted.join(';')) throw new Error(`[${shapes}] instead of [${wanted}]`);
    return;
  }
  const [codes, ...others] = codebookSizes;
  if (others.some((size) => size !== codes) || drawing.network.options.slots !== codebookSizes.length)
    throw new Error(`${drawing.network.options.slots} slots for codebooks of ${codebookSizes.join(', ')} codes`);
  const score = (vectors: Tensor, holes: Tensor, labels: Tensor, table: Tensor): Tensor => {
    const params = uploadTree(vectors.backend, drawing.params) as IndexGeneratorParams;
    const expected = drawing.network.see(params, { vectors, holes, labels });
    return drawing.network.score(params, expected, { codes: table, slot: labels, soFar: vectors });
  };
  const holes = { shape: [1, 1, 1, 1], dtype: 'f32' } as const;
  const [logits] = trace(score, [vector, holes, one, { shape: [codes!, dimension], dtype: 'f32' }]).outputs;
  if (logits!.shape[3] !== codes) throw new Error(`${logits!.shape[3]} codes instead of ${codes}`);
}

/** What the manifest of a generator says beside that of a tokenizer. */
interface GeneratorFacts {
  readonly network: object;
  readonly grid: Grid;
  readonly autoencoder: Pick<WeightsManifest, 'architecture' | 'options'>;
}

/** @throws TokenizerError `MANIFEST_INVALID` */
function contentOf({ id, architecture, options }: WeightsManifest): GeneratorFacts {
  const { network, grid, autoencoder } = options as Partial<GeneratorFacts>;
  const isSide = (side: unknown): boolean => Number.isInteger(side) && (side as number) > 0 && (side as number) <= 256;
  if (
    ['index-generator', 'latent-flow'].includes(architecture) &&
    typeof network === 'object' &&
    isSide(grid?.width) &&
    isSide(grid?.height) &&
    typeof autoencoder?.architecture === 'string' &&
    typeof autoencoder.options === 'object'
  )
    return { network, grid: grid!, autoencoder };
  throw new TokenizerError({
    code: 'MANIFEST_INVALID',
    message: `expected weights of the architecture 'index-generator' or 'latent-flow' with network, grid and autoencoder as options, got '${id}' of '${architecture}'`,
    fix: 'Pass what vqkit train generator published, or an index transformer with its tokenizer',
  });
}
