/** `fill` and `range`: values from nothing. */
import { type DType, type RequiredKernels, sizeOf, toHalfBits } from '@vqkit/core';
import { emptyPlan, type Kernel, output, planOf } from '../plan.ts';
import { f32, type Parameter, threadStep, u32, writes } from '../wgsl/shader.ts';
import { bitsOf, movementStep } from './movement.ts';

const bits = new DataView(new ArrayBuffer(4));

/** A value as it is stored, repeated until it fills a 32-bit word. */
export function storedWord(dtype: DType, value: number): Parameter {
  if (dtype === 'u8') return u32(((value & 255) * 0x01010101) >>> 0);
  if (dtype === 'f16') return u32((toHalfBits(value) * 0x10001) >>> 0);
  if (dtype !== 'f32') return u32(value >>> 0);
  bits.setFloat32(0, value);
  return u32(bits.getUint32(0));
}

/** () → every element is `value`. */
export const fill: Kernel<RequiredKernels['fill']> = ({ attributes: { value }, outputs }) => {
  const { shape, dtype } = outputs[0]!;
  const words = Math.ceil((sizeOf(shape) * bitsOf(dtype)) / 32);
  if (words === 0) return emptyPlan;
  return planOf(
    movementStep({
      label: 'fill',
      bits: 128,
      // Buffers are whole multiples of 16 bytes, so the last vec4 never leaves them.
      count: Math.ceil(words / 4),
      inputs: [],
      output: output(),
      params: { word: storedWord(dtype, value) },
      value: 'return vec4u(params.word);',
    }),
  );
};

/** () → `[n]`: start + i·step. */
export const range: Kernel<RequiredKernels['range']> = ({ attributes: { start, step }, outputs }) => {
  const { shape, dtype } = outputs[0]!;
  const count = sizeOf(shape);
  if (count === 0) return emptyPlan;
  if (dtype === 'f32') {
    // The step and the start in two parts each, so that large indices lose no digits: i·high is exact below 2¹² · 2¹².
    const [stepHigh, startHigh] = [truncated(step), Math.fround(start)];
    return planOf(
      threadStep({
        label: 'range',
        threads: count,
        bindings: [writes('y', output())],
        params: {
          startHigh: f32(startHigh),
          startLow: f32(start - startHigh),
          stepHigh: f32(stepHigh),
          stepLow: f32(step - stepHigh),
        },
        body: `let upper = f32(thread & 0xfffff000u); let lower = f32(thread & 0xfffu);
  let rest = params.startLow + (upper + lower) * params.stepLow;
  y[thread] = params.startHigh + (upper * params.stepHigh + (lower * params.stepHigh + rest));`,
      }),
    );
  }
  const word = 'params.start + i * params.step';
  return planOf(
    movementStep({
      label: 'range',
      bits: bitsOf(dtype),
      count,
      inputs: [],
      output: output(),
      params: { start: u32(start >>> 0), step: u32(step >>> 0) },
      value: dtype === 'u8' ? `return (${word}) & 255u;` : `return ${word};`,
    }),
  );
};

/** The leading 12 bits of a float. */
function truncated(value: number): number {
  bits.setFloat32(0, value);
  bits.setUint32(0, bits.getUint32(0) & 0xfffff000);
  return bits.getFloat32(0);
}
