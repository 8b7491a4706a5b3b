import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { add, mul } from '../ops/binary.ts';
import { tensor } from '../ops/create.ts';
import { reshape } from '../ops/reshape.ts';
import { disposeTree, Scope, tidy } from './scope.ts';

describe('tidy', () => {
  it('frees what it does not return, anywhere in a tree', () => {
    const backend = cpu();
    const x = tensor(backend, [1, 2]);
    const { list } = tidy(() => ({ list: [mul(add(x, 1), 3)], name: 'kept' }));
    expect(list[0]!.dataSync()).toEqual(Float32Array.of(6, 9));
    expect(backend.memory().tensors).toBe(2);
  });

  it('frees everything when the function throws', () => {
    const backend = cpu();
    const x = tensor(backend, [1]);
    expect(() =>
      tidy(() => {
        add(x, 1);
        throw new Error('on purpose');
      }),
    ).toThrow('on purpose');
    expect(backend.memory().tensors).toBe(1);
  });

  it('refuses asynchronous functions and says what to use', () => {
    expect(() => tidy(async () => 1)).toThrow(/TIDY_ASYNC|synchronous function.*Scope/s);
  });

  it('keeps values that a returned view shares', () => {
    const backend = cpu();
    const x = tensor(backend, [1, 2, 3, 4]);
    const view = tidy(() => reshape(add(x, 1), [2, 2]));
    x.dispose();
    expect(view.dataSync()).toEqual(Float32Array.of(2, 3, 4, 5));
    view.dispose();
    expect(backend.memory()).toEqual({ tensors: 0, bytes: 0 });
  });
});

describe('Scope', () => {
  it('owns tensors across awaits and lets go of what is kept', async () => {
    const backend = cpu();
    const scope = new Scope();
    const x = scope.track(tensor(backend, [1]));
    const y = scope.run(() => add(x, 1));
    await y.data();
    const z = scope.keep(scope.run(() => add(y, 1)));
    scope.dispose();
    scope.dispose();
    expect([x.isDisposed, y.isDisposed, z.isDisposed]).toEqual([true, true, false]);
    expect(z.dataSync()[0]).toBe(3);
  });
});

describe('Tensor', () => {
  it('refuses to be used after dispose, and can be disposed twice', () => {
    const backend = cpu();
    const x = tensor(backend, [1]);
    disposeTree({ x, again: x });
    expect(() => add(x, 1)).toThrow(/expected a live tensor, got one of shape \[1\]/);
  });

  it('finishes a read that was started before dispose', async () => {
    const backend = cpu();
    const x = tensor(backend, [7]);
    const reading = x.data();
    x.dispose();
    expect(await reading).toEqual(Float32Array.of(7));
    expect(backend.memory().tensors).toBe(0);
  });
});
