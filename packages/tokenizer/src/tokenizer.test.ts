import { onnx } from '@vqkit/backend-onnx';
import { cpu, tensor } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { looc } from '@vqkit/quantizer-looc';
import { describe, expect, it } from 'vitest';
import { quantizer, quantizers, tinyLooc } from '../../../tooling/tiny-looc.ts';
import { createTokenizer } from './tokenizer.ts';

/** Of an odd size, so that the last positions reach beyond the picture. */
const image = { data: Uint8Array.from({ length: 21 * 13 * 3 }, (_, i) => (i * 37) % 251), width: 21, height: 13 };

describe('createTokenizer', () => {
  it('gives maps of whole positions, the same on every backend, and images back of whole positions', async () => {
    const found: { planes: number[][]; pixels: number[] }[] = [];
    for (const backend of [cpu(), await onnx()]) {
      const tokenizer = await createTokenizer(await tinyLooc(), { backend, quantizers });
      const { scale } = tokenizer;
      const grid = { width: Math.ceil(21 / scale), height: Math.ceil(13 / scale) };
      const [map] = await tokenizer.encode(image);
      expect(map).toMatchObject({ ...grid, codebookSizes: [16, 16, 16, 16] });
      for (const plane of map!.planes) {
        expect(plane).toHaveLength(grid.width * grid.height);
        expect(Math.max(...plane)).toBeLessThan(16);
      }
      const restored = await tokenizer.decode(map!);
      expect(restored).toMatchObject({ width: grid.width * scale, height: grid.height * scale, channels: 3 });
      found.push({ planes: map!.planes.map((plane) => [...plane]), pixels: [...restored.data] });
      tokenizer.dispose();
      backend.dispose();
    }
    expect(found[1]!.planes).toEqual(found[0]!.planes);
    found[1]!.pixels.forEach((value, i) => {
      expect(Math.abs(value - found[0]!.pixels[i]!)).toBeLessThanOrEqual(1); // rounding of float32 sums
    });
  });

  it('gives the features that its indices are the nearest codes of', async () => {
    const backend = cpu();
    const tokenizer = await createTokenizer(await tinyLooc(), { backend, quantizers });
    const [map] = await tokenizer.encode(image);
    const z = await tokenizer.features(image);
    expect(z).toMatchObject({ width: map!.width, height: map!.height, channels: 8 });
    const params = looc(quantizer.options).init(backend, 1);
    const indices = looc(quantizer.options).encode(params, tensor(backend, z.data, [1, z.height, z.width, 8]));
    expect([...indices.dataSync()].filter((_, i) => i % 4 === 0)).toEqual([...map!.planes[0]!]);
    expect(await tokenizer.quantize(z)).toEqual([map]);
    await expect(tokenizer.quantize({ ...z, channels: 7 })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });

  it('leaves nothing on the backend, and says when it is used after its end', async () => {
    const backend = cpu();
    await checkLeaks(backend, async () => {
      const tokenizer = await createTokenizer(await tinyLooc(), { backend, quantizers });
      await tokenizer.decode((await tokenizer.encode(image))[0]!);
      tokenizer.dispose();
      await expect(tokenizer.encode(image)).rejects.toMatchObject({ code: 'TOKENIZER_DISPOSED' });
    });
  });

  it('refuses rates and maps of another model', async () => {
    const tokenizer = await createTokenizer(await tinyLooc(), { backend: cpu(), quantizers });
    const [map] = await tokenizer.encode(image);
    await expect(tokenizer.encode(image, { rates: [{ codebookSizes: [7] }] })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
    });
    for (const rate of [{}, { codebookSizes: '16' }, { codebookSizes: null }] as never[])
      await expect(tokenizer.encode(image, { rates: [rate] })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    for (const width of [20.5, Number.NaN, Number.POSITIVE_INFINITY, '21', null, -0] as number[]) {
      await expect(tokenizer.decode(map!, { width }), String(width)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
      await expect(tokenizer.warmup(width, 8), String(width)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
    for (const value of [-1, 0.5, Number.NaN]) {
      const planes = map!.planes.map((plane) => [...plane].fill(value)) as never;
      await expect(tokenizer.decode({ ...map!, planes })).rejects.toMatchObject({ code: 'INDICES_INVALID' });
    }
    const broken = { ...map!, planes: map!.planes.map((plane) => plane.map(() => 16)) };
    await expect(tokenizer.decode(broken)).rejects.toMatchObject({ code: 'INDICES_INVALID' });
  });
});
