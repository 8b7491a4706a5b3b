/** Weights of an index transformer made from a seed, for tests: a few thousand parameters, for the codebooks of a package. */
import { packIndexTransformer } from '@vqkit/codec/transformer';
import { cpu, type HostTree, mapTree, random, readTree, type Tensor, uploadTree } from '@vqkit/core';
import { type IndexTransformerParams, indexTransformer } from '@vqkit/models';
import { type WeightsFiles, type WeightsPackage, weightsFileOf } from '@vqkit/tokenizer';

/** The files of the package, with nested codebooks of `tokenizer`. Matrices are large, so that guesses differ with what is around. */
export async function tinyTransformer(tokenizer: WeightsPackage, seed = 1): Promise<WeightsFiles> {
  const backend = cpu();
  const { tree } = await readTree(await tokenizer.load(weightsFileOf(tokenizer.manifest)));
  const books = (tree as { readonly codebooks: Readonly<Record<string, HostTree>> }).codebooks;
  const codebooks = Object.values(books).map((book) => uploadTree(backend, book) as Tensor);
  const options = { dimension: codebooks[0]!.shape[1]!, width: 16, blocks: 2, heads: 2 };
  const stream = random(seed);
  const start = indexTransformer(options).init(backend, seed);
  const params: IndexTransformerParams = mapTree(start, (x, path) =>
    x.rank > 1 && path !== 'rate' ? stream.normal(backend, x.shape) : x,
  );
  return packIndexTransformer({ id: 'tiny-tf', tokenizer: tokenizer.manifest.id, options, params, codebooks });
}
