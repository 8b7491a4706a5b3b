import { mean, ones, random, square, type Tensor, tensor, valueAndGrad, zeros } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { areMoved, backend, codes, sizes as common, shaken, word } from '../testing/small-maps.ts';
import { indexGenerator } from './index-generator.ts';
import { indexTransformer } from './index-transformer.ts';

const sizes = { ...common, blocks: 1 };
const vectors = random(3).normal(backend, [2, 2, 2, 3]);
const holes = tensor(backend, Float32Array.of(1, 0, 1, 0, 0, 0, 1, 1), [2, 2, 2, 1]);
const values = (x: Tensor): number[] => Array.from(x.dataSync());

describe('indexGenerator', () => {
  const model = indexGenerator({ ...sizes, classes: 4, slots: 3 });
  const params = shaken(model.init(backend, 1));
  const seen = (...labels: number[]) => model.see(params, { vectors, holes, labels: word(...labels) });
  const soFar = random(5).normal(backend, [2, 2, 2, 3]);
  const scores = (slot: number, chosen = soFar) =>
    values(model.score(params, seen(1, 2), { codes, slot: word(slot), soFar: chosen }));

  it('gives logits of the codes of a slot, which depend on the slot and on those before it', () => {
    expect(scores(0)).toHaveLength(2 * 2 * 2 * 8);
    expect(scores(1)).not.toEqual(scores(0));
    expect(scores(1, zeros(backend, soFar.shape))).not.toEqual(scores(1));
  });

  it('tells classes and none apart, map by map', () => {
    const [both, other] = [seen(1, 2), seen(1, 4)].map(values);
    expect(other!.slice(0, 64)).toEqual(both!.slice(0, 64));
    expect(other!.slice(64)).not.toEqual(both!.slice(64));
  });

  it('tells places apart where nothing is there yet', () => {
    const nothing = { vectors: zeros(backend, [1, 2, 3, 3]), holes: ones(backend, [1, 2, 3, 1]), labels: word(0) };
    const all = values(model.see(params, nothing));
    const each = Array.from({ length: 6 }, (_, at) => all.slice(16 * at, 16 * (at + 1)).join());
    expect(new Set(each).size).toBe(6);
  });

  it('of one slot is an index transformer that knows classes', () => {
    const single = indexGenerator(sizes);
    const own = shaken(single.init(backend, 1));
    expect(own.turn).toEqual({});
    const none = { ...own, label: zeros(backend, own.label.shape), place: undefined };
    const made = single.score(none, single.see(none, { vectors, holes, labels: word(0, 0) }), {
      codes,
      slot: word(0),
      soFar,
    });
    const plain = indexTransformer(sizes).apply(own.transformer, { vectors, holes, codes, bits: 0 });
    expect(values(made)).toEqual(values(plain));
  });

  it('learns: gradients reach every parameter that is used', () => {
    const { gradients } = valueAndGrad((p: typeof params) =>
      mean(
        square(model.score(p, model.see(p, { vectors, holes, labels: word(0, 4) }), { codes, slot: word(2), soFar })),
      ),
    )(params);
    expect(areMoved(gradients)).toBe(true);
  });
});
