/** `pool2d` and its gradient: overlap, pads, odd images, ties. */
import type { Pool2dAttributes } from '../../backend/kernels.ts';
import { type HostTensor, hostTensor } from '../../cpu/host-kernel.ts';
import type { Shape } from '../../dtype.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { distinct, integers, noise, spec } from '../samples.ts';
import { sumOf } from '../tolerances.ts';

interface Setting extends Partial<Omit<Pool2dAttributes, 'op'>> {
  readonly note: string;
  readonly x: Shape;
  readonly size: readonly [number, number];
}

const settings: readonly Setting[] = [
  { note: '2×2', x: [2, 6, 4, 3], size: [2, 2], strides: [2, 2] },
  { note: '2×2, odd image', x: [1, 7, 5, 2], size: [2, 2], strides: [2, 2] },
  { note: '3×3, stride 2, padded', x: [1, 7, 8, 5], size: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  { note: '3×3, stride 1', x: [1, 5, 6, 4], size: [3, 3], pads: [1, 1, 1, 1] },
  { note: 'uneven window and pads', x: [1, 6, 7, 1], size: [2, 3], strides: [1, 2], pads: [1, 0, 0, 2] },
  { note: 'stride beyond the window', x: [1, 7, 7, 2], size: [2, 2], strides: [3, 3] },
  { note: 'the whole image', x: [2, 4, 3, 6], size: [4, 3] },
  { note: '1×1', x: [1, 3, 3, 2], size: [1, 1] },
  { note: 'empty batch', x: [0, 4, 4, 2], size: [2, 2], strides: [2, 2] },
];

function cases({ note, x, size, strides = [1, 1], pads = [0, 0, 0, 0] }: Setting): ConformanceCase[] {
  const along = (axis: 0 | 1): number =>
    Math.floor((x[axis + 1]! + pads[axis] + pads[axis + 2]! - size[axis]) / strides[axis]) + 1;
  const y = [x[0]!, along(0), along(1), x[3]!];
  return (['max', 'avg'] as const).flatMap((op) => {
    const attributes = { op, size, strides, pads };
    return [
      kernelCase(
        `pool2d: ${op}, ${note}`,
        () => ({ kernel: 'pool2d', inputs: [noise(x, 81, -2, -1)], attributes, outputs: [spec('f32', ...y)] }),
        sumOf(size[0] * size[1]),
      ),
      kernelCase(
        `pool2dGrad: ${op}, ${note}`,
        () => ({
          kernel: 'pool2dGrad',
          inputs: [distinct(x, 82), noise(y, 83)],
          attributes,
          outputs: [spec('f32', ...x)],
        }),
        sumOf(size[0] * size[1]),
      ),
    ];
  });
}

function tieCase(x: HostTensor, note: string): ConformanceCase {
  return kernelCase(
    `pool2dGrad: max, the first of equal values takes it all, ${note}`,
    () => ({
      kernel: 'pool2dGrad',
      inputs: [x, noise([1, 4, 4, 3], 84)],
      attributes: { op: 'max', size: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] },
      outputs: [spec('f32', 1, 4, 4, 3)],
    }),
    sumOf(9),
  );
}

/** Pooling and its gradient. */
export const pool2dCases: readonly ConformanceCase[] = [
  ...settings.flatMap(cases),
  tieCase(integers('f32', [1, 4, 4, 3], 0, 2, 85), 'two values'),
  tieCase(hostTensor('f32', [1, 4, 4, 3], new Float32Array(48)), 'all equal'),
];
