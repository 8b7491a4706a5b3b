import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { exp, mul, tensor, tidy } from '../index.ts';
import { checkLeaks } from './check-leaks.ts';

describe('checkLeaks', () => {
  it('accepts a function that frees what it does not return, and frees what it returns', async () => {
    const backend = cpu();
    const x = tensor(backend, [1, 2]);
    await checkLeaks(backend, () => ({ list: [tidy(() => mul(exp(x), x))], loss: 3 }));
    await checkLeaks(backend, async () => tidy(() => exp(exp(x))));
    expect(backend.memory().tensors).toBe(1);
  });

  it('finds a tensor that is left behind, and one that is freed too much', async () => {
    const backend = cpu();
    const x = tensor(backend, [1, 2]);
    await expect(checkLeaks(backend, () => void exp(x))).rejects.toThrow(
      /expected 1 handles with 8 bytes.*got 2 with 16/,
    );
    await expect(checkLeaks(backend, () => x.dispose())).rejects.toMatchObject({ code: 'LEAK' });
  });
});
