import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { add, mul, sub } from '../ops/binary.ts';
import { tensor } from '../ops/create.ts';
import { defineOp } from '../ops/define-op.ts';
import { mean, sum } from '../ops/reduce.ts';
import { exp, round, sin, square } from '../ops/unary.ts';
import { tidy } from '../tensor/scope.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { compile } from '../trace/compile.ts';
import { trace } from '../trace/trace.ts';
import { vjp } from './backward.ts';
import { stopGradient } from './stop-gradient.ts';
import { checkpoint, customGrad, valueAndGrad } from './value-and-grad.ts';

const backend = cpu();
const values = (x: Tensor): number[] => [...x.dataSync()];

describe('valueAndGrad', () => {
  it('gives the gradient as a tree like the parameters, zeros where there is no influence', () => {
    const params = {
      used: tensor(backend, [3]),
      unused: tensor(backend, [1, 2]),
      steps: tensor(backend, Int32Array.of(5)),
    };
    const { value, gradients } = valueAndGrad((p: typeof params) => sum(square(p.used)))(params);
    expect(values(value)).toEqual([9]);
    expect(values(gradients.used)).toEqual([6]);
    expect(values(gradients.unused)).toEqual([0, 0]);
    expect(gradients.steps.dtype).toBe('i32');
  });

  it('adds up the gradients of a value that is used twice', () => {
    const { gradients } = valueAndGrad((x: Tensor) => sum(add(mul(x, x), mul(x, 3))))(tensor(backend, [2]));
    expect(values(gradients)).toEqual([7]);
  });

  it('differentiates again', () => {
    const inner = valueAndGrad((x: Tensor) => sum(sin(x)));
    const outer = valueAndGrad((x: Tensor) => sum(inner(x).gradients));
    const { value, gradients } = outer(tensor(backend, [0.3]));
    expect(values(value)[0]).toBeCloseTo(Math.cos(0.3), 6);
    expect(values(gradients)[0]).toBeCloseTo(-Math.sin(0.3), 6);
  });

  it('passes auxiliary results through and lets tidy inside keep what gradients need', () => {
    const x = tensor(backend, [1, 2]);
    const step = valueAndGrad((p: Tensor) => {
      const y = tidy(() => exp(mul(p, 2)));
      return { loss: sum(y), aux: { y } };
    });
    const { gradients, aux } = step(x);
    expect(values(gradients)[1]).toBeCloseTo(2 * Math.exp(4), 3);
    expect(values(aux.y)[0]).toBeCloseTo(Math.exp(2), 5);
  });

  it('leaks nothing', () => {
    const own = cpu();
    const x = tensor(own, [1, 2, 3]);
    const { value, gradients } = valueAndGrad((p: Tensor) => mean(square(exp(p))))(x);
    expect(own.memory().tensors).toBe(3);
    for (const t of [value, gradients, x]) t.dispose();
    expect(own.memory().tensors).toBe(0);
  });

  it('refuses a loss of more than one element', () => {
    expect(() => valueAndGrad((x: Tensor) => square(x))(tensor(backend, [1, 2]))).toThrow(
      /one f32 element, got f32 \[2\]/,
    );
  });
});

describe('stopGradient and customGrad', () => {
  it('cut and replace the flow of gradients: a straight-through estimator', () => {
    const x = tensor(backend, [1.4, -0.6]);
    const byStop = valueAndGrad((p: Tensor) => sum(square(add(p, stopGradient(sub(round(p), p))))))(x);
    const straight = customGrad((p) => ({ value: round(p!), gradient: (dy) => [dy] }));
    const byCustom = valueAndGrad((p: Tensor) => sum(square(straight(p))))(x);
    expect(values(byStop.gradients)).toEqual([2, -2]);
    expect(values(byCustom.gradients)).toEqual([2, -2]);
  });
});

describe('checkpoint', () => {
  it('gives the same gradients, and computes the middle again in a compiled graph', () => {
    const body = (x: Tensor): Tensor => exp(sin(x));
    const loss = (f: (x: Tensor) => Tensor) => valueAndGrad((x: Tensor) => sum(square(f(x))));
    const x = tensor(backend, [0.1, 0.9]);
    const plain = loss(body);
    const saving = loss(checkpoint((t) => body(t!)));
    expect(values(saving(x).gradients)).toEqual(values(plain(x).gradients));
    const sines = (f: typeof plain): number =>
      trace(f as (...args: never[]) => unknown, [x]).nodes.filter(({ attributes }) => attributes.op === 'sin').length;
    expect([sines(plain), sines(saving)]).toEqual([1, 2]);
  });
});

describe('vjp', () => {
  it('pulls cotangents back and says nothing about inputs without influence', () => {
    const [dx, dy] = vjp(
      (a) => [mul(a!, 3)],
      [tensor(backend, [1, 2]), tensor(backend, [5])],
      [tensor(backend, [10, 100])],
    );
    expect(values(dx!)).toEqual([30, 300]);
    expect(dy).toBeUndefined();
  });
});

describe('defineOp', () => {
  const cube = defineOp<object>({ name: 'cube', infer: ([x]) => [x!], forward: ([x]) => [mul(x!, mul(x!, x!))] });

  it('differentiates the default of an op without a gradient of its own', () => {
    const { gradients } = valueAndGrad((x: Tensor) => sum(cube([x], {})[0]!))(tensor(backend, [2]));
    expect(values(gradients)).toEqual([12]);
  });

  it('runs the kernel of a backend that has one, and still differentiates', () => {
    const calls: string[] = [];
    const own = cpu();
    const fast = Object.assign(Object.create(own), {
      supports: (name: string) => name === 'cube',
      run: (call: Parameters<typeof own.run>[0]) => {
        if (call.kernel !== 'cube') return own.run(call);
        calls.push(call.kernel);
        const data = own.readSync!(call.inputs[0]!).map((v) => v ** 3);
        return [own.upload(data, call.outputs[0]!)];
      },
    });
    for (const name of ['upload', 'read', 'readSync', 'free', 'memory'] as const)
      fast[name] = (own[name] as (...args: unknown[]) => unknown).bind(own);
    const x = tensor(fast, [2]);
    const { value, gradients } = valueAndGrad((p: Tensor) => sum(cube([p], {})[0]!))(x);
    expect(values(value)).toEqual([8]);
    expect(values(gradients)).toEqual([12]);
    expect(calls).toEqual(['cube']);
  });

  it('refuses tensors of two backends and says how to move one', () => {
    expect(() => add(tensor(cpu(), [1]), tensor(cpu(), [1]))).toThrow(/BACKEND_MISMATCH|transfer/);
  });
});

describe('compiled functions', () => {
  it('keep non-tensor results and recompile for other static arguments', () => {
    const f = compile((x: Tensor, power: number) => ({ y: mul(x, power), power }));
    const x = tensor(backend, [2]);
    const [a, b] = [f(x, 3), f(x, 4)];
    expect([values(a.y)[0], values(b.y)[0], b.power]).toEqual([6, 8, 4]);
    expect(isTensor(a.y)).toBe(true);
  });
});
