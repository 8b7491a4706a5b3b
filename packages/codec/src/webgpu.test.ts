/**
 * The photo tokenizer with its published weights on WebGPU against onnxruntime: indices, pictures, the gradients of a
 * training step, and the golden file. Runs wherever Node finds a Vulkan driver, a software one included.
 */

import { onnx } from '@vqkit/backend-onnx';
import {
  add,
  type Backend,
  compile,
  gather,
  type HostTensor,
  type HostTree,
  mean,
  meanAbsoluteError,
  nearestCode,
  reshape,
  square,
  stopGradient,
  sub,
  type Tensor,
  tensor,
  tensorsOf,
  uploadTree,
  valueAndGrad,
} from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import type { PhotoTokenizerParams } from '@vqkit/models';
import { loadModel, type TokenizerModel } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webgpuUnderTest } from '../../../tooling/backends-under-test.ts';
import { hashLists } from './bitstream/testing/golden.ts';
import { createCodec } from './codec.ts';
import { readGolden } from './testing/golden-photo.ts';

const openWebgpu = await webgpuUnderTest();

const [width, height] = [96, 64];

/** The top left of the golden picture as a network sees it: f32 `[1, height, width, 3]` in [−1, 1]. */
function inputOf(backend: Backend, image: Raster<Uint8ClampedArray>): Tensor {
  const values = Float32Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return image.data[(y * image.width + x) * 3 + (i % 3)]! / 127.5 - 1;
  });
  return tensor(backend, values, [1, height, width, 3]);
}

/** Largest difference of two lists as a share of the largest value. */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [error, largest] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    error = Math.max(error, Math.abs(a[i]! - b[i]!));
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return largest === 0 ? error : error / largest;
}

describe.skipIf(openWebgpu === undefined)('the photo tokenizer on WebGPU (needs a Vulkan driver)', () => {
  let model: TokenizerModel;
  let reference: Backend;
  let backend: Backend;
  let picture: Raster<Uint8ClampedArray>;
  let bytes: Uint8Array;

  beforeAll(async () => {
    model = await loadModel(photo);
    reference = await onnx();
    backend = await openWebgpu!();
    ({ bytes } = await readGolden(photo.manifest.id));
    const codec = await createCodec(photo, { backend: reference });
    picture = (await codec.decode(bytes)).image;
    codec.dispose();
  });

  afterAll(() => {
    backend.dispose();
    reference.dispose();
  });

  it('decodes the golden file to its indices, and to the same picture within one level of 255', async () => {
    const { facts } = await readGolden(photo.manifest.id);
    const codec = await createCodec(photo, { backend });
    const { planes } = await codec.decodeToIndices(bytes);
    expect(hashLists(planes)).toBe(facts.indicesSha256);
    const { image } = await codec.decode(bytes);
    codec.dispose();
    expect(image).toMatchObject({ width: facts.width, height: facts.height });
    const worst = image.data.reduce((max, value, i) => Math.max(max, Math.abs(value - picture.data[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(1);
  });

  it('encodes to the same indices, but for codes at the same distance up to rounding', async () => {
    const book = (model.rates.at(-1)!.params as { codebook: HostTensor }).codebook;
    const search = async (on: Backend): Promise<{ z: Float32Array; indices: Uint32Array }> => {
      const params = uploadTree(on, model.encoder) as PhotoTokenizerParams['encoder'];
      const encode = compile((p: typeof params, x: Tensor, codebook: Tensor) => {
        const z = model.network.encode(p, x);
        return { z, indices: nearestCode(z, codebook).indices };
      });
      const { z, indices } = encode(params, inputOf(on, picture), tensor(on, book.data, book.shape));
      return { z: (await z.data()) as Float32Array, indices: (await indices.data()) as Uint32Array };
    };
    const [ours, theirs] = [await search(backend), await search(reference)];
    // float32 sums over up to 1440 terms in 30 layers
    expect(relativeError(ours.z, theirs.z)).toBeLessThan(1e-4);
    const depth = book.shape[1]!;
    const distance = (at: number, code: number): number => {
      let total = 0;
      for (let d = 0; d < depth; d++) total += (theirs.z[at * depth + d]! - Number(book.data[code * depth + d])) ** 2;
      return total;
    };
    theirs.indices.forEach((code, at) => {
      const other = ours.indices[at]!;
      if (other !== code) expect(distance(at, other) / distance(at, code)).toBeLessThan(1 + 1e-3);
    });
    expect(new Set(ours.indices).size).toBeGreaterThan(5);
  });

  it('computes the gradients of a training step as onnxruntime does', async () => {
    const book = (model.rates.at(-1)!.params as { codebook: HostTensor }).codebook;
    type Params = { readonly encoder: HostTree; readonly decoder: HostTree };
    const gradientsOn = async (on: Backend): Promise<{ loss: number; gradients: Float32Array[] }> => {
      const step = compile((params: Params, codebook: Tensor, x: Tensor) =>
        valueAndGrad((p: Params) => {
          const z = model.network.encode(p.encoder as never, x);
          const { indices } = nearestCode(stopGradient(z), codebook);
          const zQ = reshape(gather(codebook, reshape(indices, [indices.size])), z.shape);
          const commitment = mean(square(sub(z, zQ)));
          const xHat = model.network.decode(p.decoder as never, add(z, stopGradient(sub(zQ, z))));
          return add(meanAbsoluteError(xHat, x), commitment);
        })(params),
      );
      const params = uploadTree(on, { encoder: model.encoder, decoder: model.decoder }) as unknown as Params;
      const { value, gradients } = step(params, tensor(on, book.data, book.shape), inputOf(on, picture));
      const lists: Float32Array[] = [];
      for (const gradient of tensorsOf(gradients)) lists.push((await gradient.data()) as Float32Array);
      return { loss: await value.item(), gradients: lists };
    };
    const [ours, theirs] = [await gradientsOn(backend), await gradientsOn(reference)];
    expect(ours.loss).toBeCloseTo(theirs.loss, 5);
    expect(ours.gradients.length).toBeGreaterThan(80);
    const errors = ours.gradients.map((gradient, i) => relativeError(gradient, theirs.gradients[i]!));
    // The sign in the gradient of |xHat − x| turns where a pixel is restored exactly up to rounding: 1 of 18,432.
    expect(Math.max(...errors)).toBeLessThan(2e-3);
    expect(theirs.gradients.every((gradient) => gradient.some((value) => value !== 0))).toBe(true);
  });
});
