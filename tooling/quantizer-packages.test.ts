import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedPackages, packPackages } from './pack-project.ts';

/** How each quantizer is made from its own package alone: D is 4. */
const factories: Readonly<Record<string, string>> = {
  vq: 'vq({ codes: 8, dimension: 4 })',
  looc: 'looc({ codes: 8, pieces: 2, pieceDimension: 2 })',
  'dual-codebook': 'dualCodebook({ codes: 8, dimension: 4, transformer: { layers: 1, heads: 1, feedForward: 8 } })',
  product: 'product({ codes: 8, dimension: 2 }, { parts: 2 })',
  residual: 'residual({ codes: 8, dimension: 4 }, { depth: 2 })',
  fsq: 'fsq({ levels: [5, 5, 5, 5] })',
  'lookup-free': 'lfq({ bits: 4 })',
  simvq: 'simvq({ codes: 8, dimension: 4 })',
};

/** Ten lines that train scales around the quantizer, and the quantizer, and print errors and indices. */
const script = (name: string): string => `
import { adam, add, cpu, mean, mul, random, square, sub, tensor, valueAndGrad } from '@vqkit/core';
import { ${factories[name]!.split('(')[0]} as make } from '@vqkit/quantizer-${name}';
const backend = cpu(), quantizer = ${factories[name]!.replace(/^\w+/, 'make')}, optimizer = adam();
const x = random(1).normal(backend, [4, 4, 4, 4]);
let params = { scale: tensor(backend, [0.2], [1]), gain: tensor(backend, [1], [1]), quantizer: quantizer.init(backend, 1) }, state = optimizer.init(params);
const step = valueAndGrad((p) => { const { quantized, losses, statistics } = quantizer.quantize(p.quantizer, mul(x, p.scale));
  const error = mean(square(sub(mul(quantized, p.gain), x))); return { loss: Object.values(losses).reduce((a, b) => add(a, b), error), aux: { error, statistics } }; });
const errors = [];
for (let i = 0; i < 80; i++) { const { gradients, aux } = step(params); errors.push(aux.error.dataSync()[0]);
  ({ params, state } = optimizer.update(params, gradients, state, 0.03)); params = { ...params, quantizer: quantizer.update(params.quantizer, aux.statistics) }; }
const indices = quantizer.encode(params.quantizer, mul(x, params.scale));
console.log(JSON.stringify({ first: errors[0], last: errors.at(-1), indices: indices.shape, decoded: quantizer.decode(params.quantizer, indices).shape }));
`;

describe('a packed quantizer installs with core alone, quantizes and trains', () => {
  const names = Object.keys(factories);
  let packed: PackedPackages;
  beforeAll(async () => {
    packed = await packPackages(names.map((name) => `@vqkit/quantizer-${name}`));
  });
  afterAll(() => packed.dispose());

  for (const name of names) {
    it(name, async () => {
      const project = await packed.install({ packages: [`@vqkit/quantizer-${name}`] });
      try {
        const modules = join(project.folder, 'node_modules');
        expect(readdirSync(modules).filter((entry) => !entry.startsWith('.'))).toEqual(['@vqkit']);
        expect(readdirSync(join(modules, '@vqkit')).sort()).toEqual(['core', `quantizer-${name}`]);
        const { stdout } = await project.run(script(name));
        const { first, last, indices, decoded } = JSON.parse(stdout) as Record<string, number> &
          Record<string, number[]>;
        expect(last).toBeLessThan(0.95 * (first as number));
        expect((indices as number[]).slice(0, 3)).toEqual([4, 4, 4]);
        expect(decoded).toEqual([4, 4, 4, 4]);
      } finally {
        project.dispose();
      }
    });
  }
});

it('knows every quantizer package', () => {
  const folders = readdirSync(new URL('../packages/quantizers/', import.meta.url));
  expect(Object.keys(factories).sort()).toEqual(folders.sort());
});
