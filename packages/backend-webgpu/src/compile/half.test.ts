import { describe, expect, it } from 'vitest';
import { input, output } from '../plan.ts';
import { shaderStep } from '../wgsl/shader.ts';
import { canHalve, halve } from './half.ts';

const step = shaderStep({
  label: 'sum',
  bindings: [
    { name: 'x', element: 'vec4f', buffer: input(0) },
    { name: 'rows', element: 'u32', buffer: input(1) },
    { name: 'y', element: 'f32', buffer: output(), isWritten: true },
    { name: 'total', element: 'f32', buffer: output(1), isWritten: true },
  ],
  size: 1,
  groups: 1,
  body: 'let a = x[rows[lane] / 4u][lane]; y[lane] = a + x[1][0]; total[0] += a;',
});

describe('halving a step', () => {
  it('is possible for buffers of floats that are only read or only written', () => {
    expect([0, 1, 2, 3].map((binding) => canHalve(step, binding))).toEqual([true, false, true, false]);
  });

  it('converts at every read and write, and changes the declarations', () => {
    const { wgsl } = halve(step, [0, 2]).program;
    expect(wgsl).toMatch(/^enable f16;/);
    expect(wgsl).toContain('x: array<vec4<f16>>;');
    expect(wgsl).toContain('y: array<f16>;');
    expect(wgsl).toContain('let a = vec4f(x[rows[lane] / 4u])[lane]; y[lane] = f16(a + vec4f(x[1])[0]);');
    expect(wgsl).toContain('total[0] += a;');
  });

  it('leaves a step alone when there is nothing to halve', () => {
    expect(halve(step, [])).toBe(step);
  });
});
