/**
 * Analysis by synthesis: indices that restore the image better than those of the nearest codes. What a code becomes depends
 * on its neighbours, and the encoder sees none of them; so the gradient of how unlike the restored image looks moves the
 * vectors before they are quantized, step by step, and the best indices on the way are kept. Decoders need not know.
 *
 *   zE → quantizer → zQ → decoder → xHat → loss; its gradient at zQ moves zE (straight through), and again
 *
 * @see Bengio et al. 2013, arXiv:1308.3432, for the straight-through gradient; Campos et al. 2019, arXiv:1906.01223, for
 *   codes that are optimized for one image
 */
import {
  add,
  type Backend,
  clone,
  compile,
  disposeTree,
  div,
  mean,
  mul,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
  uploadTree,
  valueAndGrad,
  workPerTurn,
  zerosLike,
} from '@vqkit/core';
import { fromTensor, type Raster, runTiled, toTensor, toUnitRange } from '@vqkit/images';
import type { Watch } from './networks.ts';
import { type PerceptualLoss, unlikeness } from './perceptual.ts';
import type { TokenizerModel } from './weights/model.ts';

/** Refines indices of a model. */
export interface Refiner {
  /**
   * @param pixels  As many channels as the model has.
   * @param watch  Told of every step, as a part of a tile.
   * @returns The indices of a rate, `[h, w, S]`.
   */
  refine(pixels: Raster, rate: number, steps: number, watch: Watch): Promise<Raster<Uint32Array>>;
  dispose(): void;
}

/** Positions: gradients need what the networks made on the way, so windows are smaller than those of one way. */
const tiles = { window: 32, halo: 4 };

/** Share of the distance to the codes that a step moves vectors by; the rest of a step is the direction of the last ones. */
const [stepSize, momentum] = [0.2, 0.7];

/** What goes from step to step. */
interface Search {
  /** Vectors before they are quantized, f32 `[1, h, w, D]`. */
  readonly z: Tensor;
  /** Average gradient. */
  readonly gradient: Tensor;
  /** Length of a step, f32 scalar: how far vectors are from their codes at the start. */
  readonly reach: Tensor;
}

/** Makes a refiner; what it compiles is kept until `dispose`. */
export function createRefiner(model: TokenizerModel, backend: Backend, perceptual: PerceptualLoss): Refiner {
  const { network, rates } = model;
  const compiling = { cacheSize: 2, workPerTurn };
  const coded = (z: Tensor, rate: number) => {
    const { quantizer, params } = rates[rate]!;
    const own = uploadTree(z.backend, params);
    const indices = quantizer.encode(own, z);
    return { indices, zQ: quantizer.decode(own, indices) };
  };
  const start = compile((pixels: Tensor, rate: number): Search => {
    const z = network.encode(uploadTree(pixels.backend, model.encoder), toUnitRange(pixels));
    const { zQ } = coded(z, rate);
    return { z, gradient: zerosLike(z), reach: mul(sqrt(mean(square(sub(z, zQ)))), stepSize) };
  }, compiling);
  const step = compile(
    ({ z, gradient, reach }: Search, pixels: Tensor, loss: PerceptualLoss['params'], left: Tensor, rate: number) => {
      const { indices, zQ } = coded(z, rate);
      const x = toUnitRange(pixels);
      const { value, gradients } = valueAndGrad((codes: Tensor) => {
        const xHat = network.decode(uploadTree(z.backend, model.decoder), codes);
        return unlikeness(perceptual, loss, xHat, x);
      })(zQ);
      // As in Adam, averages begin at zero and are corrected for it; one length serves all, so that places without errors rest.
      const average = add(mul(gradient, momentum), mul(gradients, 1 - momentum));
      const length = add(sqrt(mean(square(gradients))), 1e-12);
      const moved = sub(z, mul(div(average, mul(length, left)), reach));
      return { value, indices, next: { z: moved, gradient: average, reach: clone(reach) } };
    },
    compiling,
  );

  /** The indices of one part. */
  const refinePart = async (
    part: Raster,
    rate: number,
    steps: number,
    { signal, onStep }: { readonly signal?: AbortSignal | undefined; onStep(share: number): void },
  ): Promise<Raster<Uint32Array>> => {
    const pixels = toTensor(backend, [part]);
    let search = start(pixels, rate);
    let best: { value: number; indices: Raster<Uint32Array> } | undefined;
    try {
      // The last step's vectors are never looked at; so one more than was asked for judges.
      for (let done = 0; done <= steps; done++) {
        onStep(done / (steps + 1));
        const left = scalar(backend, 1 - momentum ** (done + 1));
        const { value, indices, next } = step(search, pixels, perceptual.params, left, rate);
        disposeTree([search, left]);
        search = next;
        try {
          const [now] = await value.data({ signal });
          if (best === undefined || now! < best.value) {
            best = { value: now!, indices: (await fromTensor<Uint32Array>(indices, { signal }))[0]! };
          }
        } finally {
          disposeTree([value, indices]);
        }
      }
    } finally {
      disposeTree([pixels, search]);
    }
    return best!.indices;
  };

  const { scale } = network;
  return {
    refine: (pixels, rate, steps, { signal, onTile }) => {
      let [done, total] = [0, 1];
      const onStep = (share: number): void => onTile?.(done + share, total);
      return runTiled(pixels, (part) => refinePart(part, rate, steps, { signal, onStep }), {
        window: tiles.window * scale,
        halo: tiles.halo * scale,
        scale: 1 / scale,
        signal,
        onTile: (...now) => {
          [done, total] = now;
          onTile?.(...now);
        },
      });
    },
    dispose: () => {
      start.dispose();
      step.dispose();
    },
  };
}
