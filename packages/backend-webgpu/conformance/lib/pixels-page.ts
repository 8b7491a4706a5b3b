/** What the browser runs for the tests of pixels: pictures of every kind that browsers have, to tensors and back. */
import { disposeTree, type Tensor } from '@vqkit/core';
import { type PixelOptions, type PixelSource, type WebgpuBackend, webgpu } from '../../src/index.ts';

/** Values by the kind of source, and the size of a canvas that a tensor was drawn on. */
export interface PixelsReport {
  readonly shape: readonly number[];
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly drawn: readonly [number, number];
  readonly refusal: string;
}

const [width, height] = [5, 3];

/** A picture whose samples are all different: RGBA, opaque. */
function picture(): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : 4 * i;
  context.putImageData(pixels, 0, 0);
  return canvas;
}

async function valuesOf(backend: WebgpuBackend, source: PixelSource, options?: PixelOptions): Promise<number[]> {
  const x = backend.fromPixels(source, options);
  const values = Array.from(await x.data());
  x.dispose();
  return values;
}

/** Reads the picture from all kinds of sources, and draws it. */
export default async function page(): Promise<PixelsReport> {
  const backend = await webgpu();
  const canvas = picture();
  const bitmap = await createImageBitmap(canvas);
  const frame = new VideoFrame(bitmap, { timestamp: 0 });
  const values = {
    canvas: await valuesOf(backend, canvas),
    bitmap: await valuesOf(backend, bitmap),
    frame: await valuesOf(backend, frame),
    signed: await valuesOf(backend, bitmap, { range: [-1, 1], channels: 1 }),
    alpha: await valuesOf(backend, bitmap, { channels: 4 }),
  };
  frame.close();
  const x: Tensor = backend.fromPixels(bitmap, { range: [-1, 1] });
  const target = new OffscreenCanvas(1, 1);
  backend.toCanvas(x, target, { range: [-1, 1] });
  // Its size is all that can be told: headless Chromium shows nothing that a software adapter drew, not even a clear.
  const drawn = [target.width, target.height] as const;
  let refusal = 'none';
  try {
    backend.toCanvas(x, picture());
  } catch (error) {
    refusal = (error as { code: string }).code;
  }
  const { shape } = x;
  disposeTree(x);
  backend.dispose();
  return { shape, values, drawn, refusal };
}
