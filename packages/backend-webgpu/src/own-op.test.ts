/** An op that core does not know, with a kernel from outside: nothing in this package knows of it either. */
import { compile, defineOp, mul, type Tensor, tensor } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { openNodeGpu } from '../conformance/lib/node-gpu.ts';
import { f32, input, type Kernel, output, planOf, shaderStep, u32, webgpu } from './index.ts';

const found = await openNodeGpu();

const halveOp = defineOp<object>({
  name: 'halve',
  infer: ([x]) => [x!],
  forward: ([x]) => [mul(x!, 0.5)],
});

const halve: Kernel = ({ inputs }) => {
  const size = inputs[0]!.shape.reduce((a, b) => a * b, 1);
  return planOf(
    shaderStep({
      label: 'halve',
      bindings: [
        { name: 'x', element: 'f32', buffer: input(0) },
        { name: 'y', element: 'f32', buffer: output(), isWritten: true },
      ],
      params: { size: u32(size), factor: f32(0.5) },
      size: 64,
      groups: Math.ceil(size / 64),
      body: 'if (thread < params.size) { y[thread] = x[thread] * params.factor; }',
    }),
  );
};

describe.skipIf(found === undefined)('an op of your own (needs a Vulkan driver)', () => {
  it('runs its own shader, at once and compiled', async () => {
    const calls: string[] = [];
    const watched: Kernel = (call, context) => {
      calls.push(call.kernel);
      return halve(call, context);
    };
    const backend = await webgpu({ gpu: found!.gpu, kernels: { halve: watched } });
    const x = tensor(backend, [2, 4, 6]);
    const half = (value: Tensor): Tensor => halveOp([value], {})[0]!;
    expect([...(await half(x).data())]).toEqual([1, 2, 3]);
    expect([...(await compile(half)(x).data())]).toEqual([1, 2, 3]);
    expect(calls).toEqual(['halve', 'halve']);
    backend.dispose();
  });
});
