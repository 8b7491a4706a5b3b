/**
 * Learning a codebook from the patches of a photo, in steps that can be watched. A step is one compiled function: quantize,
 * gradients, Adam, and the codebook's own update.
 */
import {
  adam,
  add,
  compile,
  disposeTree,
  mean,
  random,
  range,
  reshape,
  square,
  sub,
  type Tensor,
  type Tree,
  tensor,
  tidy,
  valueAndGrad,
} from '@vqkit/core';
import { toImageData } from '@vqkit/images/browser';
import { usageOfCounts } from '@vqkit/metrics';
import { drawGrid, heat } from './grid.ts';
import { type AnyQuantizer, type Book, dimension, type KindName, kindOf, patchSide } from './playground.ts';
import { type Picture, type Session, turn } from './session.ts';

/** What to learn. */
export interface LearnRequest {
  readonly kind: KindName;
  /** log₂ of the codes. */
  readonly bits: number;
  readonly steps: number;
  readonly seed: number;
}

/** Codes as one picture, in rows. */
export interface Shelf {
  readonly title: string;
  readonly picture: Picture;
}

/** How far it is. */
export interface Frame {
  readonly step: number;
  /** Of the photo's patches, in decibels. */
  readonly psnr: number;
  readonly bitsPerPixel: number;
  /** Codes in use and all codes, over all codebooks. */
  readonly used: number;
  readonly codes: number;
  readonly perplexity: number;
  readonly learned: Picture;
  readonly shelves: readonly Shelf[];
}

/** Longest side of the photo for this, in pixels: some thousand patches. */
const maxSide = 256;

/** Steps from one frame to the next. */
const stride = 4;

interface Patches {
  /** f32 `[1, rows, columns, D]`, mean 0 and variance 1. */
  readonly z: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly mean: number;
  readonly deviation: number;
}

/** The photo, reduced and cut into patches. */
async function patchesOf(photo: Picture): Promise<Patches> {
  const shrink = Math.min(1, maxSide / Math.max(photo.width, photo.height));
  const whole = (length: number): number => Math.max(1, Math.floor((length * shrink) / patchSide));
  const [columns, rows] = [whole(photo.width), whole(photo.height)];
  const [width, height] = [columns * patchSide, rows * patchSide];
  const bitmap = await createImageBitmap(toImageData(photo), {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: 'high',
  });
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const z = new Float32Array(rows * columns * dimension);
  eachValue(rows, columns, (at, pixel) => {
    z[at] = data[pixel]!;
  });
  const average = z.reduce((sum, value) => sum + value, 0) / z.length;
  const deviation = Math.sqrt(z.reduce((sum, value) => sum + (value - average) ** 2, 0) / z.length) || 1;
  z.forEach((value, i) => {
    z[i] = (value - average) / deviation;
  });
  return { z, rows, columns, mean: average, deviation };
}

/** Visits the values of patches, with their places in an RGBA picture. */
function eachValue(rows: number, columns: number, visit: (at: number, pixel: number) => void): void {
  const width = columns * patchSide;
  for (let at = 0; at < rows * columns * dimension; at++) {
    const [patch, inside] = [Math.floor(at / dimension), at % dimension];
    const [pixel, channel] = [Math.floor(inside / 3), inside % 3];
    const x = (patch % columns) * patchSide + (pixel % patchSide);
    const y = Math.floor(patch / columns) * patchSide + Math.floor(pixel / patchSide);
    visit(at, (y * width + x) * 4 + channel);
  }
}

/** Vectors as they look: small pictures in rows, with a line between them. */
function drawShelf(values: ArrayLike<number>, { width, height }: Book, { mean: average, deviation }: Patches): Picture {
  const count = values.length / (width * height * 3);
  const perRow = Math.min(count, Math.max(1, Math.round(Math.sqrt((count * 2 * (height + 1)) / (width + 1)))));
  const rows = Math.ceil(count / perRow);
  const whole = { width: perRow * (width + 1) - 1, height: rows * (height + 1) - 1 };
  const data = new Uint8ClampedArray(whole.width * whole.height * 4);
  for (let i = 0; i < values.length; i++) {
    const [code, inside] = [Math.floor(i / (width * height * 3)), i % (width * height * 3)];
    const [pixel, channel] = [Math.floor(inside / 3), inside % 3];
    const x = (code % perRow) * (width + 1) + (pixel % width);
    const y = Math.floor(code / perRow) * (height + 1) + Math.floor(pixel / width);
    const at = (y * whole.width + x) * 4;
    data[at + channel] = average + deviation * values[i]!;
    data[at + 3] = 255;
  }
  return { data, ...whole, channels: 4 };
}

/** Codes of all indices, for quantizers without a table. */
function decodedBook(quantizer: AnyQuantizer, params: unknown, like: Tensor): Book {
  const [codes = 1] = quantizer.codebookSizes;
  const indices = reshape(range(like.backend, codes), [1, 1, codes, 1]);
  const decoded = quantizer.decode(params, indices);
  return {
    title: 'What the codes decode to',
    codes: reshape(decoded, [codes, dimension]),
    width: patchSide,
    height: patchSide,
  };
}

/** Learns, and shows a frame every few steps; between them a signal is heard. */
export async function learn(
  { place: { backend }, original }: Session,
  { kind, bits, steps, seed }: LearnRequest,
  onFrame: (frame: Frame) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const patches = await patchesOf(original!);
  const { make, books, rate } = kindOf(kind);
  const quantizer = make(bits);
  const optimizer = adam<Tree<Tensor>>();
  const step = compile((params: Tree<Tensor>, state: ReturnType<typeof optimizer.init>, x: Tensor, key: Tensor) => {
    const { gradients, aux } = valueAndGrad((own: Tree<Tensor>) => {
      const { quantized, losses, statistics } = quantizer.quantize(own, x, { key });
      const error = mean(square(sub(quantized, x)));
      return { loss: Object.values(losses).reduce((sum, loss) => add(sum, loss), error), aux: statistics };
    })(params);
    const trained = rate > 0 ? optimizer.update(params, gradients, state, rate) : { params, state };
    return { params: quantizer.update(trained.params, aux, { key }) as Tree<Tensor>, state: trained.state };
  });
  const look = compile((params: Tree<Tensor>, x: Tensor) => {
    const indices = quantizer.encode(params, x);
    const shown = books?.(quantizer, params as never) ?? [decodedBook(quantizer, params, x)];
    return { indices, decoded: quantizer.decode(params, indices), codes: shown.map(({ codes }) => add(codes, 0)) };
  });
  const titles = tidy(() => {
    const fresh = quantizer.init(backend, seed);
    return (books?.(quantizer, fresh as never) ?? [decodedBook(quantizer, fresh, tensor(backend, [0]))]).map(
      ({ codes: _, ...rest }) => rest,
    );
  });
  const x = tensor(backend, patches.z, [1, patches.rows, patches.columns, dimension]);
  let params = quantizer.init(backend, seed) as Tree<Tensor>;
  let state = optimizer.init(params);
  const keys = random(seed);
  try {
    for (let done = 0; ; ) {
      const seen = look(params, x);
      await onFrame(await frameOf(done, quantizer, patches, titles, seen));
      disposeTree(seen);
      await turn(signal);
      if (done >= steps) break;
      for (let i = 0; i < stride; i++, done++) {
        const key = tensor(backend, keys.bits(2));
        const next = step(params, state, x, key);
        disposeTree([params, state, key]);
        ({ params, state } = next);
      }
    }
  } finally {
    disposeTree([params, state, x]);
    step.dispose();
    look.dispose();
  }
}

/** How often each row of the patches uses each piece: what LooC shares. */
function sharingOf(counts: readonly Uint32Array[]): Shelf {
  const width = counts[0]!.length;
  const most = Math.max(...counts.map((own) => Math.max(...own)));
  const picture = drawGrid(
    { width, height: counts.length, scale: 1, left: 0, top: 0 },
    { width, height: counts.length },
    (at) => heat(counts[Math.floor(at / width)]![at % width]! / most),
  );
  return { title: 'Rows of a patch (down) and the pieces that they use (across)', picture };
}

async function frameOf(
  step: number,
  quantizer: AnyQuantizer,
  patches: Patches,
  titles: readonly Omit<Book, 'codes'>[],
  seen: { indices: Tensor; decoded: Tensor; codes: readonly Tensor[] },
): Promise<Frame> {
  const { rows, columns, z, mean: average, deviation } = patches;
  const decoded = await seen.decoded.data();
  const size = { width: columns * patchSide, height: rows * patchSide };
  const data = new Uint8ClampedArray(size.width * size.height * 4).fill(255);
  let error = 0;
  eachValue(rows, columns, (at, pixel) => {
    data[pixel] = average + deviation * decoded[at]!;
    error += ((decoded[at]! - z[at]!) * deviation) ** 2 / z.length;
  });
  const slots = quantizer.codebookSizes.length;
  const indices = await seen.indices.data();
  const counts = quantizer.codebookSizes.map((codes) => new Uint32Array(codes));
  indices.forEach((code, i) => {
    counts[i % slots]![code]!++;
  });
  const usages = counts.map((own) => usageOfCounts(own));
  const shelves: Shelf[] = [];
  for (const [i, codes] of seen.codes.entries()) {
    const { title } = titles[i]!;
    shelves.push({ title, picture: drawShelf(await codes.data(), { codes, ...titles[i]! }, patches) });
  }
  if (quantizer.name === 'looc') shelves.push(sharingOf(counts));
  return {
    step,
    psnr: 10 * Math.log10(255 ** 2 / error),
    bitsPerPixel: quantizer.bitsPerPosition / patchSide ** 2,
    used: usages.reduce((sum, { used }) => sum + used, 0),
    codes: quantizer.codebookSizes.reduce((sum, codes) => sum + codes, 0),
    perplexity: usages.reduce((sum, { perplexity }) => sum + perplexity, 0) / slots,
    learned: { data, ...size, channels: 4 },
    shelves,
  };
}
