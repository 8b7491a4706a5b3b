/** Everything that is compared, as one kind of thing: a map with holes becomes a picture. */
import type { Conceal } from '@vqkit/codec';
import { type IndexTransformerModel, loadIndexTransformer, transformerConceal } from '@vqkit/codec/transformer';
import type { Backend } from '@vqkit/core';
import type { IntegerSamples, Raster } from '@vqkit/images';
import type { IndexMap, Tokenizer, WeightsPackage } from '@vqkit/tokenizer';
import { baselines } from './baselines.ts';
import { type Codebook, nearestOthers } from './bounds.ts';
import { expectations, meanOf, mixtures, rank, vectorDecoder, type Weighted } from './vectors.ts';

/** A picture in spite of holes, and how many of these got their index back; no indices where vectors stand in them. */
export interface Filled {
  readonly picture: Raster<IntegerSamples>;
  readonly right: number | undefined;
  /** Time of filling, without decoding. */
  readonly ms: number;
}

/** A way to fill holes. */
export type Method = (map: IndexMap, lost: Uint8Array) => Promise<Filled>;

/** What is needed for all. */
export interface Tools {
  readonly backend: Backend;
  readonly tokenizer: Tokenizer;
  readonly modelId: string;
  /** Of a transformer; without, only baselines are there. */
  readonly weights: WeightsPackage | undefined;
}

/** All methods by name, and what frees them. */
export async function openMethods(tools: Tools): Promise<{ readonly methods: Map<string, Method>; dispose(): void }> {
  const methods = new Map(Object.entries(baselines).map(([name, conceal]) => [name, byIndex(tools, conceal)]));
  if (tools.weights === undefined) return { methods, dispose: () => undefined };
  const { backend, weights } = tools;
  const network = await loadIndexTransformer(weights);
  const opened: { dispose(): void }[] = [];
  for (const [name, options] of [
    ['transformer', {}],
    ['transformer, 4 passes', { passes: 4 }],
    ['transformer, of all codes', { guess: 'expected' }],
    ['transformer, of all codes, 4 passes', { guess: 'expected', passes: 4 }],
    ['transformer, likeliest', { guess: 'likeliest' }],
    ['transformer, likeliest, 8 passes', { guess: 'likeliest', passes: 8 }],
  ] as const) {
    const conceal = await transformerConceal(weights, { backend, ...options });
    opened.push(conceal);
    methods.set(name, byIndex(tools, conceal));
  }
  methods.set('bound: the nearest other code', async (map, lost) => {
    const filled = nearestOthers(map, lost, network.codebooks[map.codebookSizes[0]!] as Codebook);
    return { picture: await tools.tokenizer.decode({ ...map, planes: [filled] }), right: 0, ms: 0 };
  });
  const decoder = vectorDecoder(tools.tokenizer.model, backend);
  for (const [name, mix] of Object.entries(mixtures)) {
    methods.set(`transformer, ${name}`, byVector({ ...tools, network, decoder, mix }));
  }
  return { methods, dispose: () => [...opened, decoder].forEach((one) => void one.dispose()) };
}

function byIndex({ tokenizer, modelId }: Tools, conceal: Conceal): Method {
  return async (map, lost) => {
    const { width, height, codebookSizes } = map;
    const indices = map.planes[0]!;
    const arrived = indices.map((index, at) => (lost[at] === 1 ? 0 : index));
    const start = performance.now();
    const filled = await conceal(arrived, lost, { width, height, codebookSizes, modelId });
    const ms = performance.now() - start;
    const right = filled.filter((index, at) => lost[at] === 1 && index === indices[at]).length;
    return { picture: await tokenizer.decode({ ...map, planes: [filled] }), right, ms };
  };
}

interface VectorTools extends Tools {
  readonly network: IndexTransformerModel;
  readonly decoder: ReturnType<typeof vectorDecoder>;
  readonly mix: (ranked: readonly Weighted[]) => readonly Weighted[];
}

function byVector({ network, decoder, mix, backend }: VectorTools): Method {
  return async (map, lost) => {
    const { width, height, codebookSizes } = map;
    const book = network.codebooks[codebookSizes[0]!] as Codebook;
    const [codes, size, channels] = [book.data, book.shape[0]!, book.shape[1]!];
    const start = performance.now();
    const logits = await expectations(network, backend, map, lost);
    const parts = Array.from(lost, (flag, at) =>
      flag === 1 ? mix(rank(logits.subarray(at * size, (at + 1) * size))) : [{ code: map.planes[0]![at]!, weight: 1 }],
    );
    const data = Float32Array.from(parts.flatMap((own) => meanOf(own, codes, channels)));
    const ms = performance.now() - start;
    return { picture: await decoder.decode({ data, width, height, channels }), right: undefined, ms };
  };
}
