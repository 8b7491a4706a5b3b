/** Backends change hands: between encoding and decoding, and between two training steps. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type TfjsBackend, tfjs, tfjsNode } from '@vqkit/backend-tfjs';
import { createCodec } from '@vqkit/codec';
import {
  type AdamState,
  adam,
  add,
  type Backend,
  compile,
  cpu,
  mapTree,
  meanSquaredError,
  random,
  type Tensor,
  tensor,
  tensorsOf,
  transfer,
  unflatten,
  valueAndGrad,
} from '@vqkit/core';
import { expectClose } from '@vqkit/core/testing';
import { type VqVaeParams, vqVae } from '@vqkit/models';
import { type VqParams, vq } from '@vqkit/quantizer-vq';
import * as photo from '@vqkit/weights-photo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPeer, importPeer } from '../harness/peers.ts';
import { importTfjs } from './import-tfjs.ts';

const hasTfjs = hasPeer('@tensorflow/tfjs-core');
const weights = new URL('../../packages/weights/photo/files/weights.safetensors', import.meta.url);
const golden = new URL('../../packages/codec/src/fixtures/', import.meta.url);

const model = vqVae({ dimension: 4, hidden: 8, residualHidden: 4 });
const quantizer = vq({ codes: 8, dimension: 4 });
const optimizer = adam<Networks>();

interface Networks {
  readonly model: VqVaeParams;
  readonly codebook: VqParams;
}

interface State {
  readonly networks: Networks;
  readonly adam: AdamState<Networks>;
}

/** One step of a VQ-VAE: forward, gradients, optimizer. */
const step = compile(({ networks, adam: moments }: State, x: Tensor) => {
  const { value, gradients } = valueAndGrad((params: Networks) => {
    const z = model.encode(params.model.encoder, x);
    const { quantized, losses } = quantizer.quantize(params.codebook, z);
    const distortion = meanSquaredError(model.decode(params.model.decoder, quantized), x);
    return Object.values(losses).reduce((a, b) => add(a, b), distortion);
  })(networks);
  const { params, state } = optimizer.update(networks, gradients, moments, 1e-3);
  return { loss: value, state: { networks: params, adam: state } };
});

/** The same tree on another backend. */
async function move<T>(tree: T, backend: Backend): Promise<T> {
  return unflatten(tree, await Promise.all(tensorsOf(tree).map((x) => transfer(x, backend))));
}

function startOn(backend: Backend): State {
  const stream = random(5);
  // Branches that start at zero would hide mistakes.
  const lively = <T>(tree: T): T =>
    mapTree(tree, ({ shape, size }) => tensor(backend, stream.uniformArray(size, -0.3, 0.3), shape));
  const networks: Networks = { model: lively(model.init(backend, 1)), codebook: quantizer.init(backend, 2) };
  return { networks, adam: optimizer.init(networks) };
}

const imageOn = (backend: Backend): Tensor =>
  tensor(backend, random(6).uniformArray(2 * 32 * 32 * 3, -1, 1), [2, 32, 32, 3]);

describe.skipIf(!hasTfjs)('swapping backends (skipped without tfjs: node scripts/install-peers.mjs)', () => {
  let wasm: TfjsBackend;
  let plain: TfjsBackend;
  let native: TfjsBackend | undefined;
  const reference = cpu();
  beforeAll(async () => {
    const tf = await importTfjs();
    wasm = await tfjs(tf, { runtime: 'wasm' });
    plain = await tfjs(tf, { runtime: 'cpu' });
    if (hasPeer('@tensorflow/tfjs-node')) native = await tfjsNode({ load: importPeer });
  });
  afterAll(() => {
    step.dispose();
    for (const backend of [wasm, plain, native, reference]) backend?.dispose();
  });

  it('goes on with a training step on another backend where the last one stopped', async () => {
    const backends = [wasm, plain, ...(native ? [native] : []), reference];
    const expected: number[] = [];
    let state = startOn(reference);
    for (let i = 0; i < backends.length; i++) {
      const result = step(state, imageOn(reference));
      expected.push(await result.loss.item());
      state = result.state;
    }
    const losses: number[] = [];
    let swapped = startOn(wasm);
    for (const backend of backends) {
      swapped = await move(swapped, backend);
      const result = step(swapped, imageOn(backend));
      losses.push(await result.loss.item());
      swapped = result.state;
    }
    // Adam divides by the gradient's own size, so float32 noise in tiny gradients grows into the next losses.
    expectClose(losses, expected, { relative: 1e-3, absolute: 1e-4 });
    expect(new Set(expected).size).toBe(backends.length);
  });

  it('decodes on one backend what another one encoded', async () => {
    const { networks } = startOn(wasm);
    const indices = quantizer.encode(networks.codebook, model.encode(networks.model.encoder, imageOn(wasm)));
    const expected = await model.decode(networks.model.decoder, quantizer.decode(networks.codebook, indices)).data();
    const there = await move({ networks, indices }, reference);
    const codes = quantizer.decode(there.networks.codebook, there.indices);
    expectClose(await model.decode(there.networks.model.decoder, codes).data(), expected, {
      relative: 1e-4,
      absolute: 1e-4,
    });
  });

  it.skipIf(!existsSync(weights))(
    'runs the photo codec, and another backend reads its files (skipped without the photo weights)',
    async () => {
      const size = { width: 32, height: 32 };
      const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => 128 + 90 * Math.sin(i / 200));
      const [here, there] = [
        await createCodec(photo, { backend: wasm }),
        await createCodec(photo, { backend: reference }),
      ];
      const bytes = await here.encode({ data, ...size }, { codebookSize: 256 });
      expect(await there.decodeToIndices(bytes)).toEqual(await here.decodeToIndices(bytes));
      const [a, b] = [await here.decode(bytes), await there.decode(bytes)];
      const differences = a.image.data.map((value, i) => Math.abs(value - b.image.data[i]!));
      expect(Math.max(...differences)).toBeLessThanOrEqual(1);
      for (const codec of [here, there]) codec.dispose();
    },
  );

  it.skipIf(!existsSync(weights))(
    'decodes the golden file of the photo codec as the reference does (skipped without the photo weights)',
    async () => {
      const bytes = new Uint8Array(readFileSync(new URL(`${photo.manifest.id}.vqk`, golden)));
      const facts = JSON.parse(readFileSync(new URL(`${photo.manifest.id}.json`, golden), 'utf8')) as {
        indicesSha256: string;
      };
      const pictures: Uint8Array[] = [];
      for (const backend of [wasm, ...(native ? [native] : []), reference]) {
        const codec = await createCodec(photo, { backend });
        const { planes } = await codec.decodeToIndices(bytes);
        const digest = createHash('sha256').update(planes[0]!).digest('hex');
        expect(digest).toBe(facts.indicesSha256);
        pictures.push(Uint8Array.from((await codec.decode(bytes)).image.data));
        codec.dispose();
      }
      for (const picture of pictures) {
        const differences = picture.map((value, i) => Math.abs(value - pictures[0]![i]!));
        expect(Math.max(...differences)).toBeLessThanOrEqual(1);
      }
    },
  );
});
