import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { add, mul } from '../ops/binary.ts';
import { scalar, tensor } from '../ops/create.ts';
import { sum } from '../ops/reduce.ts';
import { reshape } from '../ops/reshape.ts';
import { exp, square } from '../ops/unary.ts';
import { disposeTree } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { compile } from './compile.ts';
import { trace } from './trace.ts';

const spec = (...shape: number[]) => ({ shape, dtype: 'f32' as const });

describe('trace', () => {
  it('merges equal calls and drops those that no result needs', () => {
    const graph = trace(
      (x: Tensor) => {
        exp(add(x, 5));
        return mul(square(x), square(x));
      },
      [spec(3)],
    );
    expect(graph.nodes.map(({ kernel, attributes }) => attributes.op ?? kernel)).toEqual(['square', 'mul']);
  });

  it('names inputs and outputs by their places', () => {
    const graph = trace(
      (p: { w: Tensor }, list: Tensor[]) => ({ out: [add(p.w, list[1]!)] }),
      [{ w: spec(2) }, [spec(2), spec(2)]],
    );
    expect(graph.inputs.map(({ name }) => name)).toEqual(['0.w', '1.0', '1.1']);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['out.0']);
  });

  it('rejects a function that reads a value', async () => {
    let reading: Promise<unknown> | undefined;
    trace(
      (x: Tensor) => {
        reading = x.data();
        return x;
      },
      [spec(1)],
    );
    await expect(reading).rejects.toMatchObject({ code: 'TRACE_READ' });
  });

  it('says how to use a captured tensor', () => {
    const captured = tensor(cpu(), [1]);
    expect(() => trace((x: Tensor) => add(x, captured), [spec(1)])).toThrow(/pass it as an argument/);
    expect(() => trace(() => captured, [])).toThrow(/TRACE_ESCAPED|lives on backend/);
  });
});

describe('compile', () => {
  it('returns inputs, views and repetitions as tensors of their own', () => {
    const backend = cpu();
    const f = compile((x: Tensor) => {
      const y = add(x, 1);
      return { x, y, again: y, flat: reshape(y, [4]), constant: scalar(x.backend, 7) };
    });
    const x = tensor(backend, [1, 2, 3, 4], [2, 2]);
    const result = f(x);
    expect(result.flat.shape).toEqual([4]);
    result.y.dispose();
    expect([...result.again.dataSync()]).toEqual([2, 3, 4, 5]);
    expect(result.constant.dataSync()[0]).toBe(7);
    disposeTree(result);
    expect([...x.dataSync()]).toEqual([1, 2, 3, 4]);
    x.dispose();
    f.dispose();
    expect(backend.memory().tensors).toBe(0);
  });

  it('compiles once per combination of shapes and forgets the least recently used', () => {
    const backend = cpu();
    let traces = 0;
    const f = compile(
      (x: Tensor) => {
        traces++;
        return sum(x);
      },
      { cacheSize: 2 },
    );
    for (const n of [1, 2, 1, 3, 1, 2]) f(tensor(backend, new Float32Array(n)));
    expect(traces).toBe(4); // 1, 2, 3, and 2 again
  });

  it('needs a backend when nothing says which', () => {
    expect(() => compile(() => 1)()).toThrow(/expected a tensor among the arguments, or a backend/);
  });

  it('refuses arguments that cannot be built in', () => {
    const f = compile((x: Tensor, _: unknown) => x);
    expect(() => f(tensor(cpu(), [1]), () => 1)).toThrow(/got function at '1'/);
  });
});
