/** What `npm run gpu` makes of names and of what its parts print. */
import { describe, expect, it } from 'vitest';
import { conformanceOf, passOn, slugOf } from './gpu.mjs';

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

describe('conformanceOf', () => {
  it('reads the adapter and the counts', () => {
    const output =
      'adapter: nvidia hopper H200 580, features: f16 subgroups\nbackend webgpu, 3.1 s\n9 passed, 1 failed, 0 skipped\n';
    expect(conformanceOf(output)).toEqual({ adapter: 'nvidia hopper H200 580', passed: 9, failed: 1, skipped: 0 });
  });

  it('knows when there was no adapter, or no end', () => {
    expect(conformanceOf('skipped: no driver\n0 passed, 0 failed, 1 skipped\n')).toBeUndefined();
    expect(conformanceOf('adapter: x\n')).toBeUndefined();
  });
});

it('passes on the options that were given', () => {
  expect(passOn({ rounds: '1', only: undefined }, ['rounds', 'only', 'without'])).toEqual(['--rounds', '1']);
});
