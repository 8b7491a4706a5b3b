/** Image pairs as networks take them. */
import { type Backend, type Tensor, tensor } from '@vqkit/core';
import type { Rectangle } from '@vqkit/images';
import type { ImagePair } from './image.ts';

/**
 * @internal A part of both images as f32 `[1, H, W, 3]`; gray ones have equal channels.
 *
 * @param range  What black and white become.
 */
export function pairTensors(
  backend: Backend,
  { planes, dataRange }: ImagePair,
  { left, top, width, height }: Rectangle,
  [black, white]: readonly [number, number],
): [Tensor, Tensor] {
  const [a, b] = [new Float32Array(width * height * 3), new Float32Array(width * height * 3)];
  const full = planes[0]!.width;
  const [rowA, rowB] = [new Float64Array(full), new Float64Array(full)];
  const toUnit = (value: number): number => ((white - black) * value) / dataRange + black;
  for (let k = 0; k < 3; k++) {
    const plane = planes[planes.length === 1 ? 0 : k]!;
    for (let y = 0; y < height; y++) {
      plane.readRow(top + y, rowA, rowB, 0);
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 3 + k;
        a[at] = toUnit(rowA[left + x]!);
        b[at] = toUnit(rowB[left + x]!);
      }
    }
  }
  return [a, b].map((data) => tensor(backend, data, [1, height, width, 3])) as [Tensor, Tensor];
}
