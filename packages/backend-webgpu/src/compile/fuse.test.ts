import {
  add,
  type Backend,
  cast,
  conv2d,
  conv2dFused,
  exp,
  mul,
  nearestCode,
  pixelShuffle,
  relu,
  type SpecTree,
  type Tensor,
  trace,
} from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import type { DeviceTraits } from '../device/traits.ts';
import { fusedKernels, kernels } from '../kernels/table.ts';
import { type Unit, unitsOf } from './fuse.ts';

const traits: DeviceTraits = {
  isSoftware: false,
  hasF16: false,
  maxStorageBuffers: 8,
  maxBindingBytes: 2 ** 27,
  bindingAlignment: 256,
  maxGroupsPerAxis: 65535,
  maxInvocations: 256,
  maxWorkgroupBytes: 16384,
};

const f32 = (...shape: number[]): SpecTree => ({ shape, dtype: 'f32' });

/** A backend that has all kernels, as far as tracing asks. */
const target = { name: 'webgpu', supports: (name: string) => name in kernels } as unknown as Backend;

function unitsFor(fn: (...args: Tensor[]) => unknown, ...specs: SpecTree[]): readonly Unit[] {
  const graph = trace(fn as (...args: never[]) => unknown, specs, target);
  const context = { traits, variantOf: (_: string, candidates: readonly string[]) => candidates[0]! };
  return unitsOf(graph, { ...kernels, ...fusedKernels }, context);
}

const names = (units: readonly Unit[]): string[] => units.map(({ kernel }) => kernel);

describe('unitsOf', () => {
  it('makes one shader of a chain, with numbers as parameters and not as buffers', () => {
    const units = unitsFor((x) => add(mul(exp(x), 2), x), f32(4, 8));
    expect(names(units)).toEqual(['fused 3']);
    expect(units[0]!.inputs).toHaveLength(1);
    expect(units[0]!.plan.steps).toHaveLength(1);
  });

  it('does not compute a value twice for users in different places', () => {
    const units = unitsFor((x) => ({ a: exp(x), b: add(exp(x), 1) }), f32(8));
    expect(names(units)).toEqual(['unary', 'binary']);
  });

  it('keeps chains of different shapes apart', () => {
    expect(names(unitsFor((x, y) => add(exp(x), y), f32(8), f32(4, 8)))).toEqual(['unary', 'binary']);
  });

  it('reads no more buffers than a shader binds', () => {
    const sum = (...xs: Tensor[]): Tensor => xs.reduce((total, x) => add(total, x));
    const units = unitsFor(sum, ...Array.from({ length: 12 }, () => f32(16)));
    expect(units.length).toBeGreaterThan(1);
    for (const { plan } of units) expect(plan.steps[0]!.buffers.length).toBeLessThanOrEqual(8);
  });

  it('gives a convolution its bias, activation and residual', () => {
    const block = (x: Tensor, f: Tensor, b: Tensor): Tensor => add(relu(add(conv2d(x, f, { pads: 'same' }), b)), x);
    const units = unitsFor(block, f32(1, 8, 8, 8), f32(3, 3, 8, 8), f32(8));
    expect(names(units)).toEqual(['conv2dEpilogue']);
    expect(units[0]!.inputs).toHaveLength(4);
  });

  it('gives a fused convolution the residual that is added to it', () => {
    const block = (x: Tensor, f: Tensor, bias: Tensor): Tensor =>
      add(conv2dFused(x, f, { pads: 'same', bias, activation: 'silu' }), x);
    const [unit, ...rest] = unitsFor(block, f32(1, 8, 8, 8), f32(3, 3, 8, 8), f32(8));
    expect(rest).toEqual([]);
    expect(unit).toMatchObject({ kernel: 'conv2dEpilogue', inputs: [0, 1, 2, 0] });
  });

  it('lets a convolution write its channels as pixels', () => {
    const up = (x: Tensor, f: Tensor): Tensor => relu(pixelShuffle(conv2d(x, f, { pads: 'same' }), 2));
    const units = unitsFor(up, f32(1, 4, 4, 4), f32(3, 3, 4, 8));
    expect(names(units)).toEqual(['conv2dEpilogue', 'unary']);
    expect(units[0]!.outputs[0]!.shape).toEqual([1, 8, 8, 2]);
  });

  it('leaves a convolution alone whose result is needed elsewhere', () => {
    const both = (x: Tensor, f: Tensor): unknown => {
      const y = conv2d(x, f);
      return { y, z: relu(y) };
    };
    expect(names(unitsFor(both as (...args: Tensor[]) => unknown, f32(1, 4, 4, 4), f32(1, 1, 4, 4)))).toEqual([
      'conv2d',
      'unary',
    ]);
  });

  it('computes the distances of a search only for those who ask', () => {
    const specs = [f32(16, 4), f32(8, 4)];
    const indices = unitsFor((x, codebook) => nearestCode(x, codebook).indices, ...specs);
    const both = unitsFor((x, codebook) => nearestCode(x, codebook), ...specs);
    expect(names(indices)).toEqual(['nearestIndices']);
    expect(indices[0]!.outputs).toHaveLength(1);
    expect(names(both)).toEqual(['nearestCode']);
    expect(both[0]!.outputs).toHaveLength(2);
  });

  it('drops copies', () => {
    expect(names(unitsFor((x) => exp(cast(x, 'f32')), f32(8)))).toEqual(['unary']);
  });
});
