/** VQGANs that others trained: checkpoints of taming-transformers, read by the names and shapes of their tensors. */
import { type Backend, type Shape, type Tensor, tensor } from '@vqkit/core';
import { ModelError } from '../errors.ts';
import { type TamingSizes, type TensorPlace, tamingPlaces } from './taming-names.ts';
import type { VqganOptions, VqganParams } from './vqgan.ts';

/** A file of named tensors: what `openStateDictionary` of `@vqkit/metrics` opens, be it safetensors or PyTorch's own. */
export interface NamedTensors {
  readonly names: readonly string[];
  /** undefined where there is none of that name. */
  shapeOf(name: string): Shape | undefined;
  /** Values as float32, row-major. */
  read(name: string, shape: Shape): Promise<Float32Array>;
}

/** A VQGAN from elsewhere. */
export interface TamingModel {
  /** What `vqgan` makes it with. */
  readonly options: VqganOptions;
  readonly params: VqganParams;
  /** Codes, f32 `[K, D]`; features find the nearest. */
  readonly codebook: Tensor;
}

/** What training alone needs, under these names: LPIPS and the discriminator. */
const unused = /^loss\./;

/** Name of the codes. */
const codebookName = 'quantize.embedding.weight';

/**
 * Reads a VQGAN of taming-transformers: any widths, depths and places of attention, with the plain vector quantizer.
 *
 * @param backend  Where its tensors go; the caller disposes them.
 * @param file  Names as in the checkpoint, also below `state_dict`.
 * @throws ModelError `ARCHITECTURE_UNKNOWN` for another network or quantizer, `TENSOR_MISSING`, `TENSOR_UNKNOWN`, `TENSOR_SHAPE`;
 *   what `file` throws.
 *
 * @example
 * const { options, params, codebook } = await importTaming(backend, await openStateDictionary('last.ckpt'));
 * const z = vqgan(options).encode(params.encoder, x); // x: [1, 256, 256, 3] → z: [1, 16, 16, 256]
 */
export async function importTaming(backend: Backend, file: NamedTensors): Promise<TamingModel> {
  const stored = storedNames(file);
  const shapeOf = (name: string): Shape | undefined => (stored.has(name) ? file.shapeOf(stored.get(name)!) : undefined);
  const { sizes, codes } = sizesOf(shapeOf);
  const places = tamingPlaces(sizes);
  const table: TensorPlace = { name: codebookName, shape: [codes, sizes.dimension] };
  checkPlaces([...placesIn(places), table], stored, shapeOf);
  const read = ({ name, shape }: TensorPlace): Promise<Float32Array> => file.read(stored.get(name)!, shape);
  const tensorAt = async (place: TensorPlace): Promise<Tensor> => {
    const values = await read(place);
    const { shape } = place;
    if (shape.length !== 4) return tensor(backend, values, shape);
    const [cout, cin, kh, kw] = shape as [number, number, number, number];
    return tensor(backend, toFilter(values, [cout, cin, kh * kw]), [kh, kw, cin, cout]);
  };
  const load = async (node: unknown): Promise<unknown> => {
    if (isPlace(node)) return tensorAt(node);
    if (Array.isArray(node)) return inTurn(node, load);
    const names = Object.keys(node as object);
    const children = await inTurn(Object.values(node as object), load);
    return Object.fromEntries(names.map((name, i) => [name, children[i]]));
  };
  const params = (await load(places)) as VqganParams;
  return { options: sizes, params, codebook: await tensorAt(table) };
}

/** One after the other: files are large, and so are copies. */
async function inTurn<A, B>(items: readonly A[], fn: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  for (const item of items) results.push(await fn(item));
  return results;
}

/** `[cout, cin, taps]` → `[taps, cin, cout]`. */
function toFilter(values: Float32Array, [cout, cin, taps]: readonly [number, number, number]): Float32Array {
  const filter = new Float32Array(values.length);
  let from = 0;
  for (let o = 0; o < cout; o++)
    for (let i = 0; i < cin; i++) for (let t = 0; t < taps; t++) filter[(t * cin + i) * cout + o] = values[from++]!;
  return filter;
}

const isPlace = (node: unknown): node is TensorPlace =>
  typeof node === 'object' && node !== null && 'name' in node && 'shape' in node;

function placesIn(node: unknown): TensorPlace[] {
  return isPlace(node) ? [node] : Object.values(node as object).flatMap(placesIn);
}

/** Names of the model → names in the file, without what training alone needs. */
function storedNames({ names }: NamedTensors): Map<string, string> {
  const prefix = 'state_dict.';
  const isNested = names.some((name) => name.startsWith(prefix));
  const own = names.filter((name) => !isNested || name.startsWith(prefix));
  const pairs = own.map((name) => [isNested ? name.slice(prefix.length) : name, name] as const);
  return new Map(pairs.filter(([name]) => !unused.test(name)));
}

/** Sizes from shapes. @throws ModelError `ARCHITECTURE_UNKNOWN` */
function sizesOf(shapeOf: (name: string) => Shape | undefined): {
  readonly sizes: TamingSizes;
  readonly codes: number;
} {
  const [input, features, book] = ['encoder.conv_in.weight', 'encoder.conv_out.weight', codebookName].map(shapeOf);
  if (!input || !features)
    throw unknown('a VQGAN of taming-transformers', "no 'encoder.conv_in' and 'encoder.conv_out'");
  if (shapeOf('quantize.proj.weight') || shapeOf('quantize.embed.weight'))
    throw unknown('codes that are found as the nearest', 'a quantizer by Gumbel-softmax');
  if (!book)
    throw unknown('a codebook', `none of the name '${codebookName}': this may be an autoencoder without codes`);
  const count = (name: (i: number) => string): number => {
    let n = 0;
    while (shapeOf(name(n))) n++;
    return n;
  };
  const levels = count((i) => `encoder.down.${i}.block.0.conv1.weight`);
  const widths = Array.from({ length: levels }, (_, i) => shapeOf(`encoder.down.${i}.block.0.conv1.weight`)![0]!);
  const [channels, dimension] = [input[0]!, features[0]!];
  if (levels === 0) throw unknown('levels of residual blocks', 'none');
  if (input[1] !== 3) throw unknown('colour images', `images of ${input[1]} channels`);
  if (book[1] !== dimension) throw unknown(`codes of ${dimension} values, as many as features`, `${book[1]}`);
  const [groups, odd] = [32, [channels, ...widths].find((width) => width % 32 !== 0 || width % channels !== 0)];
  if (odd !== undefined) throw unknown(`multiples of ${groups} and of ${channels} channels`, `${odd}`);
  return {
    codes: book[0]!,
    sizes: {
      dimension,
      channels,
      multipliers: widths.map((width) => width / channels),
      blocks: count((i) => `encoder.down.0.block.${i}.conv1.weight`),
      attentionLevels: widths.flatMap((_, i) => (shapeOf(`encoder.down.${i}.attn.0.q.weight`) ? [i] : [])),
      groups,
    },
  };
}

function unknown(expected: string, got: string): ModelError {
  return new ModelError({
    code: 'ARCHITECTURE_UNKNOWN',
    message: `importTaming: expected ${expected}, got ${got}`,
    fix: 'Take a checkpoint of VQGAN with the quantizer VectorQuantizer, such as those of taming-transformers for ImageNet (f16) and faces',
  });
}

/** Makes sure that exactly these tensors are there, before any is read. */
function checkPlaces(
  places: readonly TensorPlace[],
  stored: ReadonlyMap<string, string>,
  shapeOf: (name: string) => Shape | undefined,
): void {
  const refuse = (code: string, expected: string, got: string): never => {
    const fix = 'Take the whole checkpoint of a VQGAN as its authors published it';
    throw new ModelError({ code, message: `importTaming: expected ${expected}, got ${got}`, fix });
  };
  const missing = places.filter(({ name }) => !stored.has(name)).map(({ name }) => name);
  if (missing.length > 0)
    refuse('TENSOR_MISSING', `a tensor '${missing[0]}'`, `none, nor ${missing.length - 1} others`);
  for (const { name, shape } of places) {
    const found = shapeOf(name)!;
    if (found.join() !== shape.join()) refuse('TENSOR_SHAPE', `'${name}' of shape [${shape}]`, `[${found}]`);
  }
  const known = new Set(places.map(({ name }) => name));
  const surplus = [...stored.keys()].filter((name) => !known.has(name));
  if (surplus.length > 0)
    refuse(
      'TENSOR_UNKNOWN',
      `${known.size} tensors of a VQGAN`,
      `${surplus.length} more: ${surplus.slice(0, 3).join(', ')}`,
    );
}
