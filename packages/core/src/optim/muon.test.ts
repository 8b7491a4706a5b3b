import { describe, expect, it } from 'vitest';
import { valueAndGrad } from '../autograd/value-and-grad.ts';
import { cpu } from '../cpu/cpu.ts';
import { sub } from '../ops/binary.ts';
import { scalar, tensor, zeros } from '../ops/create.ts';
import { matmul } from '../ops/matmul.ts';
import { sum } from '../ops/reduce.ts';
import { square } from '../ops/unary.ts';
import { random } from '../random/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkLeaks } from '../testing/check-leaks.ts';
import { adam } from './adam.ts';
import { muon, orthogonalize } from './muon.ts';
import { partition } from './optimizer.ts';

const backend = cpu();

describe('orthogonalize', () => {
  it.each([
    [7, 4],
    [4, 7],
    [5, 5],
  ])('makes the shorter side of a %i×%i matrix nearly orthonormal', (m, n) => {
    const x = random(m).normal(backend, [2, m, n]);
    const y = orthogonalize(x);
    const gram = matmul(y, y, { transposeA: m > n, transposeB: m <= n }).dataSync();
    const side = Math.min(m, n);
    for (let i = 0; i < 2 * side; i++) {
      const row = gram.slice(i * side, (i + 1) * side);
      // Singular values lie in [0.68, 1.21], so those of the Gram matrix in [0.46, 1.47].
      expect(row[i % side]).toBeGreaterThan(0.46);
      expect(row[i % side]).toBeLessThan(1.47);
      row.forEach((value, j) => j !== i % side && expect(Math.abs(value)).toBeLessThan(0.5));
    }
  });

  it('applies the polynomial of the source to singular values, and keeps zero at zero', () => {
    const x = tensor(backend, [3, 0, 0, 4], [1, 2, 2]);
    const once = (s: number): number => 3.4445 * s - 4.775 * s ** 3 + 2.0315 * s ** 5;
    const y = orthogonalize(x, 2).dataSync();
    [once(once(0.6)), 0, 0, once(once(0.8))].forEach((value, i) => expect(y[i]).toBeCloseTo(value, 5));
    expect([...orthogonalize(zeros(backend, [1, 2, 3])).dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('muon', () => {
  it('steps along the orthogonalised Nesterov momentum, scaled to the size of the matrix', () => {
    const optimizer = muon<Tensor>({ weightDecay: 0.1 });
    const [start, gradient] = [random(1), random(2)].map((r) => r.normal(backend, [3, 3, 2, 4])) as [Tensor, Tensor];
    const { params, state } = optimizer.update(start, gradient, optimizer.init(start), scalar(backend, 0.01));
    // The direction is what counts: one step of momentum is a multiple of the gradient.
    const direction = orthogonalize(tensor(backend, gradient.dataSync(), [1, 18, 4])).dataSync();
    const [p, m] = [params.dataSync(), state.momentum.dataSync()];
    start.dataSync().forEach((value, i) => {
      expect(p[i]).toBeCloseTo(value * (1 - 0.01 * 0.1) - 0.01 * 0.2 * Math.sqrt(18) * direction[i]!, 5);
      expect(m[i]).toBeCloseTo(0.05 * gradient.dataSync()[i]!, 6);
    });
  });

  it('refuses vectors', () => {
    expect(() => muon<Tensor>().init(zeros(backend, [3]))).toThrow(
      /muon: expected matrices or filters, got shape \[3\]/,
    );
  });
});

describe('partition', () => {
  const target = { filter: random(3).normal(backend, [3, 3, 2, 4]), bias: random(4).normal(backend, [4]) };
  type Params = typeof target;
  const loss = (p: Params): Tensor => sum(square(sub(p.filter, target.filter)));
  const optimizer = partition<Params, unknown, unknown>((x) => x.rank > 1, muon(), adam());

  it('gives every tensor to one optimizer and puts the results back in their places', () => {
    let params: Params = { filter: zeros(backend, [3, 3, 2, 4]), bias: zeros(backend, [4]) };
    let state = optimizer.init(params);
    for (let i = 0; i < 200; i++) {
      const { gradients } = valueAndGrad((p: Params) => loss(p))(params);
      const withBias = { ...gradients, bias: sub(params.bias, target.bias) };
      ({ params, state } = optimizer.update(params, withBias, state, 0.1 * (1 - i / 200)));
    }
    for (const key of ['filter', 'bias'] as const) {
      params[key].dataSync().forEach((value, i) => expect(value).toBeCloseTo(target[key].dataSync()[i]!, 1));
    }
  });

  it('leaves an optimizer without tensors alone', () => {
    const alone = partition<Params, unknown, unknown>(() => false, muon(), adam());
    const state = alone.init(target);
    expect(state.first).toBeUndefined();
    const { params } = alone.update(target, target, state, 0.1);
    expect(params.bias.dataSync()[0]).toBeCloseTo(
      target.bias.dataSync()[0]! - 0.1 * Math.sign(target.bias.dataSync()[0]!),
      5,
    );
  });

  it('leaks nothing', async () => {
    await checkLeaks(backend, () => {
      const state = optimizer.init(target);
      return [state, optimizer.update(target, target, state, 0.1)];
    });
  });
});
