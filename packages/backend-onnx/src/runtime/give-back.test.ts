import { describe, expect, it } from 'vitest';
import { memoryReturn } from './give-back.ts';

describe('memoryReturn()', () => {
  const giveBack = memoryReturn();

  it('empties a large array at once', () => {
    const array = new Float32Array(16_384);
    giveBack(array);
    expect(array.length).toBe(0);
    expect(array.buffer.byteLength).toBe(0);
  });

  it('leaves small arrays to the garbage collector', () => {
    const array = new Float32Array(100).fill(1);
    giveBack(array);
    expect(array.length).toBe(100);
  });

  it('leaves an array alone that shares its buffer', () => {
    const whole = new Float32Array(40_000).fill(1);
    giveBack(whole.subarray(0, 20_000));
    expect(whole.length).toBe(40_000);
  });

  it('takes an array twice', () => {
    const array = new Uint8Array(100_000);
    giveBack(array);
    expect(() => giveBack(array)).not.toThrow();
  });
});
