import { cpu, pixelShuffle, random, square, sum, type Tensor, valueAndGrad } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { conv } from './conv.ts';
import { unshuffledConv } from './unshuffled-conv.ts';

const backend = cpu();
const stream = random(5);

describe('unshuffledConv', () => {
  it.each([
    [3, 2, 2, 3],
    [3, 3, 1, 2],
    [5, 2, 3, 1],
    [7, 2, 1, 1],
    [1, 2, 2, 2],
    [3, 1, 2, 3],
  ])(
    'of size %i by %i equals the convolution after the shuffle, borders and gradients too',
    (size, factor, cin, cout) => {
      const layer = conv({ inChannels: cin, outChannels: cout, size });
      const { weight } = layer.init(backend, stream.split(size));
      const params = { weight, bias: stream.normal(backend, [cout]) };
      const x = stream.normal(backend, [2, 4, 5, cin * factor ** 2]);
      const both = [
        (p: typeof params, y: Tensor): Tensor => layer.apply(p, pixelShuffle(y, factor)),
        (p: typeof params, y: Tensor): Tensor => unshuffledConv(p, y, factor),
      ].map((make) => {
        const { gradients } = valueAndGrad((all: { p: typeof params; y: Tensor }) => sum(square(make(all.p, all.y))))({
          p: params,
          y: x,
        });
        return [make(params, x), gradients.p.weight, gradients.p.bias, gradients.y].map((t) => [
          t.shape,
          ...t.dataSync(),
        ]);
      });
      both[0]!.forEach((values, i) => {
        const other = both[1]![i]!;
        expect(other[0]).toEqual(values[0]);
        // float32 sums over up to 147 terms, in another order; gradients are sums of those over all pixels.
        const scale = Math.max(...values.slice(1).map((value) => Math.abs(value as number)));
        for (let j = 1; j < values.length; j++)
          expect(Math.abs((values[j] as number) - (other[j] as number))).toBeLessThan(1e-5 * scale);
      });
    },
  );
});
