/** What `npm run gpu` makes of names and options. */
import { describe, expect, it } from 'vitest';
import { passOn, slugOf } from './gpu.mjs';

describe('slugOf', () => {
  it.each([
    ['mesa software llvmpipe: Mesa 25.0.7-2 (LLVM 15.0.6) 0.0.1', 'mesa-software-llvmpipe'],
    ['nvidia hopper NVIDIA H200: 580.65.06', 'nvidia-hopper-h200'],
    ['apple metal-3 Apple M3 Max', 'apple-metal-3-m3-max'],
    ['', 'unknown'],
  ])('names a file after %s', (adapter, slug) => {
    expect(slugOf(adapter)).toBe(slug);
  });
});

it('passes on the options that were given', () => {
  expect(passOn({ rounds: '1', only: undefined }, ['rounds', 'only', 'without'])).toEqual(['--rounds', '1']);
});
