/** Weights of generators made from a seed, for tests: a few thousand parameters that draw maps of 3×2 positions. */
import { cpu, mapTree, ones, random, scalar, type Tensor, zeros } from '@vqkit/core';
import { indexGenerator, latentFlow } from '@vqkit/models';
import { type Implementations, loadModel, type WeightsFiles, type WeightsPackage } from '@vqkit/tokenizer';
import { packGenerator } from '@vqkit/tokenizer/generation';

const sizes = { width: 16, blocks: 2, heads: 2, classes: 3 };

/** The files of the package, for the maps of a tokenizer. Matrices are large, so that much differs by class and neighbours. */
export async function tinyGenerator(
  architecture: 'index-generator' | 'latent-flow',
  weights: WeightsPackage,
  implementations: Implementations = {},
): Promise<WeightsFiles> {
  const backend = cpu();
  const tokenizer = await loadModel(weights, implementations);
  const { dimension, codebookSizes } = tokenizer.rates.at(-1)!.quantizer;
  const large = <P>(params: P): P =>
    mapTree(params, (x: Tensor) => (x.rank > 1 ? random(x.size).normal(backend, x.shape, 0, 0.5) : x));
  const options = { ...sizes, dimension, slots: codebookSizes.length };
  const flow = { ...sizes, dimension };
  const scale = { mean: zeros(backend, [dimension]), deviation: ones(backend, [dimension]), shift: scalar(backend, 3) };
  const network =
    architecture === 'index-generator'
      ? { architecture, options, params: large(indexGenerator(options).init(backend, 1)) }
      : { architecture, options: flow, params: { flow: large(latentFlow(flow).init(backend, 1)), ...scale } };
  return packGenerator({ id: 'drawer', network, grid: { width: 3, height: 2 }, tokenizer });
}
