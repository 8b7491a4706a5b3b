/** Looking into files of any weights: nested codebooks, several planes, no codebook at all, lost packets. */
import { onnx } from '@vqkit/backend-onnx';
import { createCodec, inspect } from '@vqkit/codec';
import { type Backend, disposeTree } from '@vqkit/core';
import { vqVae } from '@vqkit/models';
import { dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { fsq } from '@vqkit/quantizer-fsq';
import { looc } from '@vqkit/quantizer-looc';
import { residual } from '@vqkit/quantizer-residual';
import { vq } from '@vqkit/quantizer-vq';
import { loadModel, packWeights, weightsOf } from '@vqkit/tokenizer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutFile, losePackets } from './damage.ts';
import { type InsideTools, lookInside } from './inside.ts';

const quantizers = {
  vq,
  looc,
  'dual-codebook': dualCodebook,
  residual: ({ depth, ...stage }: { depth: number; codes: number; dimension: number }) => residual(stage, { depth }),
  fsq,
};

const transformer = { layers: 1, heads: 2, feedForward: 8, scale: 0.1 };

/** Eight numbers a position. */
const specs = [
  { name: 'vq', options: { codes: 64, dimension: 8 } },
  { name: 'looc', options: { codes: 16, pieces: 4, pieceDimension: 2 } },
  { name: 'dual-codebook', options: { codes: 16, dimension: 8, transformer } },
  { name: 'residual', options: { codes: 16, dimension: 8, depth: 3 } },
  { name: 'fsq', options: { levels: [3, 3, 3, 3, 3, 3, 3, 3] } },
] as const;

const networks = { channels: 3, dimension: 8, hidden: 16, residualHidden: 8, residualBlocks: 1 };

/** Stripes and a disc, 46×38. */
const image = {
  data: Uint8Array.from({ length: 46 * 38 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 46, Math.floor(i / 138)];
    return Math.hypot(x - 20, y - 18) < 12 ? 40 * (i % 3) + 60 : 128 + 100 * Math.sin(x / 3 + (i % 3));
  }),
  width: 46,
  height: 38,
};

describe('looking inside', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await onnx({ threads: 1 });
  });
  afterAll(() => backend.dispose());

  /** Networks and a quantizer from seeds. */
  async function toolsOf({ name, options }: (typeof specs)[number]): Promise<InsideTools & { bytes: Uint8Array }> {
    const halves = vqVae(networks).init(backend, 1);
    const params = quantizers[name](options as never).init(backend, 2);
    const manifest = { id: 'look', architecture: 'vqvae', options: networks, quantizer: { name, options } };
    const weights = weightsOf(await packWeights({ manifest, ...halves, quantizer: params }));
    disposeTree([halves, params]);
    const codec = await createCodec(weights, { backend, quantizers });
    const bytes = await codec.encode(image, { packets: 4 });
    return { codec, weights, backend, bytes, model: () => loadModel(weights, { quantizers }) };
  }

  it.each(specs)(
    '$name: every plane has its codes, a colour for each, and bits that add up to the file',
    async (spec) => {
      const { bytes, ...tools } = await toolsOf(spec);
      const { planes, codebookSizes } = await tools.codec.decodeToIndices(bytes);
      for (const [plane, expected] of planes.entries()) {
        const { inside, codesPicture, bitsPicture } = await lookInside(tools, bytes, plane);
        expect(inside).toMatchObject({ plane, planes: planes.length, codebookSize: codebookSizes[plane] });
        expect(inside.grid).toEqual({ width: 12, height: 10, scale: 4, left: 0, top: 0 });
        expect(inside.codes).toEqual([...expected]);
        expect(inside.used.map(({ code }) => code)).toEqual([...new Set(expected)].sort((a, b) => a - b));
        expect(inside.used.reduce((sum, { count }) => sum + count, 0)).toBe(120);
        // other codes, other vectors, other colours
        if (inside.used.length > 1) expect(new Set(inside.used.map(({ colour }) => colour)).size).toBeGreaterThan(1);
        expect(inside.meanBits).toBeLessThanOrEqual(inside.fixedBits * 1.1);
        for (const { data, width, height } of [codesPicture, bitsPicture]) {
          expect([width, height, data.length]).toEqual([46, 38, 46 * 38 * 4]);
        }
        // the square of a position has the colour of its code
        const last = inside.used.find(({ code }) => code === expected[119])!;
        const corner = codesPicture.data.slice(-4, -1);
        expect(`rgb(${[...corner].join(' ')})`).toBe(last.colour);
      }
    },
  );

  it('lays the grid of a small picture where the picture lies in it', async () => {
    const { bytes: _, ...tools } = await toolsOf(specs[0]);
    const small = { data: image.data.slice(0, 6 * 5 * 3), width: 6, height: 5 };
    const bytes = await (await createCodec(tools.weights, { backend, quantizers })).encode(small);
    const { inside, codesPicture } = await lookInside(tools, bytes, 0);
    // 4×4 positions of 4×4 pixels, the picture in their middle
    expect(inside.grid).toEqual({ width: 4, height: 4, scale: 4, left: 5, top: 5 });
    const colourAt = (x: number, y: number): string => {
      const at = 4 * (y * 6 + x);
      return `rgb(${[...codesPicture.data.slice(at, at + 3)].join(' ')})`;
    };
    const colourOf = (position: number): string =>
      inside.used.find(({ code }) => code === inside.codes[position])!.colour;
    expect([colourAt(0, 0), colourAt(2, 2), colourAt(3, 2), colourAt(5, 4)]).toEqual([5, 5, 6, 10].map(colourOf));
  });

  it.each(specs)('cuts a file of $name into packets that restore the same picture', async (spec) => {
    const { bytes, ...tools } = await toolsOf(spec);
    const codec = await createCodec(tools.weights, { backend, quantizers });
    const whole = await codec.decode(bytes);
    for (const parity of [0, 2]) {
      const cut = await cutFile(tools, bytes, { packets: 8, parity });
      expect(inspect(cut).packets).toBe(8);
      expect(await codec.decode(cut)).toEqual(whole);
      const { bytes: lossy } = losePackets(cut, { loss: 0.2, pattern: 'random', seed: 1 });
      expect((await codec.decode(lossy)).lostShare > 0).toBe(parity === 0);
    }
    codec.dispose();
  });

  it('leaves out what was lost on the way', async () => {
    const { bytes, ...tools } = await toolsOf(specs[1]);
    const lossy = losePackets(bytes, { loss: 0.5, pattern: 'random', seed: 1 });
    const { inside, codesPicture } = await lookInside(tools, lossy.bytes, 0);
    const { lost } = await tools.codec.decodeToIndices(lossy.bytes);
    expect(inside.codes.map((code) => (code === undefined ? 1 : 0))).toEqual([...lost!]);
    const there = lost!.filter((flag) => flag === 0).length;
    expect(there).toBeGreaterThan(0);
    expect(inside.used.reduce((sum, { count }) => sum + count, 0)).toBe(there);
    const first = lost!.indexOf(1);
    const at = 4 * (Math.floor(first / 12) * 4 * 46 + (first % 12) * 4);
    expect([...codesPicture.data.slice(at, at + 4)]).toEqual([128, 128, 128, 255]);
  });
});
