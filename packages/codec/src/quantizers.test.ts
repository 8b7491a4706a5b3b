import { onnx } from '@vqkit/backend-onnx';
import { type Backend, cpu, disposeTree, random } from '@vqkit/core';
import { vqgan, vqVae } from '@vqkit/models';
import { packWeights, type QuantizerSpec, type WeightsPackage, weightsOf } from '@vqkit/tokenizer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Codec, createCodec } from './codec.ts';
import type { Conceal } from './conceal.ts';
import { inspect } from './inspect.ts';
import { quantizers, specs } from './testing/quantizers.ts';

const options = { channels: 1, dimension: 8, hidden: 16, residualHidden: 8, residualBlocks: 1 };

/** A network from a seed with a quantizer from a seed, published as a training run does. */
async function publish(backend: Backend, quantizer: QuantizerSpec): Promise<WeightsPackage> {
  const halves = vqVae(options).init(backend, 1);
  const params = quantizers[quantizer.name]!(quantizer.options as never).init(backend, 2);
  const manifest = { id: 'digit', architecture: 'vqvae', options, quantizer };
  const files = await packWeights({ manifest, ...halves, quantizer: params });
  disposeTree([halves, params]);
  return weightsOf(files);
}

/** A ring on black, as a digit is: grey, 28×26. */
const digit = {
  data: Uint8Array.from({ length: 28 * 26 }, (_, i) => {
    const radius = Math.hypot((i % 28) - 14, Math.floor(i / 28) - 13);
    return Math.max(0, 255 - 90 * Math.abs(radius - 8));
  }),
  width: 28,
  height: 26,
};

describe('every quantizer reaches a file', () => {
  let backends: Backend[];
  beforeAll(async () => {
    backends = [cpu(), await onnx()];
  });
  afterAll(() => {
    for (const backend of backends) backend.dispose();
  });

  it.each(specs)('$name: a digit makes the round trip, with the same indices on two backends', async (spec) => {
    const weights = await publish(backends[0]!, spec);
    const { bitsPerPosition, codebookSizes } = quantizers[spec.name]!(spec.options as never);
    const codecs: Codec[] = [];
    for (const backend of backends) codecs.push(await createCodec(weights, { backend, quantizers }));
    const files = [];
    for (const codec of codecs) files.push(await codec.encode(digit));
    const [first, second] = codecs as [Codec, Codec];
    const { planes, width, height } = await first.decodeToIndices(files[0]!);
    expect([width, height]).toEqual([7, 7]);
    expect(planes.map((plane) => plane.length)).toEqual(codebookSizes.map(() => 49));
    // The networks round differently, so a feature between two codes may fall to either: few do.
    const other = (await second.decodeToIndices(files[1]!)).planes;
    const differing = planes.flatMap((plane, s) => [...plane].filter((index, i) => index !== other[s]![i]));
    expect(differing.length / (49 * planes.length)).toBeLessThan(0.05);
    const pictures = [await first.decode(files[0]!), await second.decode(files[0]!)];
    for (const { image, lostShare } of pictures) {
      expect(image).toMatchObject({ width: 28, height: 26, channels: 3 });
      expect(lostShare).toBe(0);
      expect(image.data.every((value, i) => value === image.data[i - (i % 3)])).toBe(true);
    }
    const apart = pictures[0]!.image.data.map((value, i) => Math.abs(value - pictures[1]!.image.data[i]!));
    expect(Math.max(...apart)).toBeLessThanOrEqual(1);
    const facts = inspect(files[0]!);
    expect(facts).toMatchObject({ modelId: 'digit   ', codebookSizes, gridWidth: 7, gridHeight: 7 });
    // Never above what the indices cost without entropy coding.
    expect(facts.account.payload).toBeLessThanOrEqual(Math.ceil((49 * bitsPerPosition) / 8) + 4);
    for (const codec of codecs) codec.dispose();
  });

  it('codes as many planes as the format has, and refuses a model of more', async () => {
    const looc = (pieces: number) => ({ name: 'looc', options: { codes: 4, pieces, pieceDimension: 1 } });
    const make = async (pieces: number): Promise<WeightsPackage> => {
      const backend = backends[0]!;
      const sizes = { ...options, dimension: pieces };
      const params = quantizers.looc!(looc(pieces).options as never).init(backend, 2);
      const manifest = { id: 'many', architecture: 'vqvae', options: sizes, quantizer: looc(pieces) };
      return weightsOf(await packWeights({ manifest, ...vqVae(sizes).init(backend, 1), quantizer: params }));
    };
    const codec = await createCodec(await make(64), { backend: backends[1]!, quantizers });
    const bytes = await codec.encode(digit, { packets: 3 });
    expect((await codec.decodeToIndices(bytes)).planes).toHaveLength(64);
    await expect(
      make(65).then((weights) => createCodec(weights, { backend: backends[1]!, quantizers })),
    ).rejects.toMatchObject({ code: 'PLANES_UNSUPPORTED' });
    codec.dispose();
  });

  it('takes architectures that are passed in, in place of its own', async () => {
    const backend = backends[0]!;
    const sizes = { dimension: 8, channels: 16, multipliers: [1, 1], blocks: 1, groups: 4 };
    const manifest = { id: 'mine', architecture: 'small', options: sizes, quantizer: specs[5]! };
    const files = await packWeights({ manifest, ...vqgan(sizes).init(backend, 1), quantizer: {} });
    const codec = await createCodec(weightsOf(files), {
      backend: backends[1]!,
      quantizers,
      architectures: { small: vqgan },
    });
    const noise = { data: Uint8Array.from(random(1).uniformArray(20 * 10 * 3, 0, 255)), width: 20, height: 10 };
    const { image } = await codec.decode(await codec.encode(noise));
    expect([image.width, image.height]).toEqual([20, 10]);
    codec.dispose();
  });

  it('lets the caller fill in lost positions, slot by slot, and says what was lost', async () => {
    const spec = specs.find(({ name }) => name === 'product')!;
    const seen: { indices: Uint32Array; lost: Uint8Array; sizes: readonly number[] }[] = [];
    const conceal: Conceal = async (indices, lost, { codebookSizes: sizes }) => {
      seen.push({ indices, lost, sizes });
      return indices.map((index, i) => (lost[i >> 1] ? 15 : index));
    };
    const codec = await createCodec(await publish(backends[0]!, spec), { backend: backends[1]!, quantizers, conceal });
    const bytes = await codec.encode(digit, { packets: 4 });
    const cutShort = bytes.subarray(0, bytes.length - 4);
    const { lost, planes } = await codec.decodeToIndices(cutShort);
    const { lostShare } = await codec.decode(cutShort);
    const count = lost!.reduce((sum, flag) => sum + flag, 0);
    expect(count).toBeGreaterThan(5);
    expect(lostShare).toBe(count / 49);
    expect(seen).toHaveLength(1);
    expect(seen[0]!.lost).toEqual(lost);
    expect(seen[0]!.sizes).toEqual([16, 16]);
    expect([...seen[0]!.indices.subarray(0, 2)]).toEqual([planes[0]![0], planes[1]![0]]);
    codec.dispose();
    const wrong = await createCodec(await publish(backends[0]!, spec), {
      backend: backends[1]!,
      quantizers,
      conceal: (indices) => indices.map(() => 16),
    });
    await expect(wrong.decode(cutShort)).rejects.toMatchObject({ code: 'INDICES_INVALID' });
    wrong.dispose();
  });
});
