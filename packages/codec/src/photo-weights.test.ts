import { readFile } from 'node:fs/promises';
import { onnx } from '@vqkit/backend-onnx';
import { onnx as onnxWeb } from '@vqkit/backend-onnx/web';
import { type Backend, cpu } from '@vqkit/core';
import { priorFile } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import { describe, expect, it } from 'vitest';
import { decodeIndices, loadPrior, readContainer } from './bitstream/index.ts';
import { hashLists } from './bitstream/testing/golden.ts';
import { createCodec } from './codec.ts';
import { inspect } from './inspect.ts';
import { goldenIds, goldenUrls, readGolden } from './testing/golden-photo.ts';

describe('the golden file of the published weights', () => {
  const backends: readonly [string, () => Promise<Backend>][] = [
    ['cpu', async () => cpu()],
    ['onnx', () => onnx()],
    ['onnx-web', () => onnxWeb({ threads: 1 })],
  ];

  it.each(backends)('decodes to its recorded indices on %s', async (_, open) => {
    const { bytes, facts } = await readGolden(photo.manifest.id);
    const backend = await open();
    const codec = await createCodec(photo, { backend });
    const { planes, codebookSizes } = await codec.decodeToIndices(bytes);
    expect({ codebookSize: codebookSizes[0], indicesSha256: hashLists(planes) }).toEqual({
      codebookSize: facts.codebookSize,
      indicesSha256: facts.indicesSha256,
    });
    expect(inspect(bytes)).toMatchObject({ width: facts.width, height: facts.height, modelId: photo.manifest.id });
    codec.dispose();
    backend.dispose();
  });

  it('looks the same on all, within one level of 255', async () => {
    const { bytes } = await readGolden(photo.manifest.id);
    const [picture, ...others] = await Promise.all(
      backends.map(async ([, open]) => {
        const backend = await open();
        const codec = await createCodec(photo, { backend });
        const { image } = await codec.decode(bytes);
        codec.dispose();
        backend.dispose();
        return image.data;
      }),
    );
    for (const other of others) {
      const worst = picture!.reduce((max, value, i) => Math.max(max, Math.abs(value - other[i]!)), 0);
      expect(worst).toBeLessThanOrEqual(1);
    }
  });
});

describe('golden files of all models that there ever were', () => {
  const current: string = photo.manifest.id;

  it('decode to their recorded indices without networks', async () => {
    for (const id of await goldenIds()) {
      const { bytes, facts } = await readGolden(id);
      const prior =
        id === current ? await photo.load(priorFile(facts.codebookSize)) : await readFile(goldenUrls(id).prior);
      const { planes } = decodeIndices(readContainer(bytes).indices, { prior: [loadPrior(new Uint8Array(prior))] });
      expect({ id, indices: hashLists(planes) }).toEqual({ id, indices: facts.indicesSha256 });
    }
  });

  it('are refused where their weights are gone, with the version that has them', async () => {
    const gone = (await goldenIds()).filter((id) => id !== current);
    const predecessors: Readonly<Record<string, string>> = photo.manifest.predecessors;
    expect(gone.sort()).toEqual(Object.keys(predecessors).sort());
    const backend = cpu();
    const codec = await createCodec(photo, { backend });
    for (const id of gone) {
      const failure = codec.decode((await readGolden(id)).bytes);
      await expect(failure).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
      await expect(failure).rejects.toThrow(`of model '${id}'`);
      await expect(failure).rejects.toThrow(/Decode it with @vqkit\/weights-photo@\d+\.\d+\.\d+, the version/);
    }
    codec.dispose();
    backend.dispose();
  });
});

describe('small pictures and single colours with the published weights', () => {
  const ends = [0, 255];
  const colours = ends.flatMap((r) => ends.flatMap((g) => ends.map((b) => [r, g, b])));
  colours.push([64, 64, 64], [128, 128, 128], [0, 200, 50], [220, 170, 140]);
  const worstOf = (data: ArrayLike<number>, at: (i: number) => number): number =>
    Array.from(data).reduce((worst, value, i) => Math.max(worst, Math.abs(value - at(i))), 0);

  it('come back exactly at every size', async () => {
    const backend = await onnx();
    using codec = await createCodec(photo, { backend });
    const sizes = [1, 2, 3, 5, 8, 15, 16, 17, 24, 32, 33, 48, 49, 64, 100].map((side) => [side, side]);
    sizes.push([3, 70], [70, 3], [1, 64], [31, 17], [1, 300], [256, 256]);
    for (const [n, [width, height]] of (sizes as [number, number][]).entries()) {
      // All colours at some sizes, and some at all.
      for (const colour of n % 4 === 0 ? colours : colours.slice(n % 4, (n % 4) + 3)) {
        const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3]!);
        const { image } = await codec.decode(await codec.encode({ data, width, height }));
        const worst = worstOf(image.data, (i) => colour[i % 3]!);
        expect({ width, height, colour, worst }).toEqual({ width, height, colour, worst: 0 });
      }
    }
    backend.dispose();
  });
});

describe('the rate of a photo with the published weights', () => {
  it('is at most what was asked for, and at most a hundredth less', async () => {
    const backend = await onnx();
    using codec = await createCodec(photo, { backend });
    // The golden file, restored: 200×136 pixels of a photo, laid out 3×3.
    const { image } = await codec.decode((await readGolden(photo.manifest.id)).bytes, { channels: 3 });
    const [width, height] = [600, 408];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return image.data[((y % image.height) * image.width + (x % image.width)) * 3 + (i % 3)]!;
    });
    const largest = (await codec.encode({ data, width, height })).length;
    for (const share of [0.95, 0.82, 0.7, 0.55]) {
      const maxBytes = Math.floor(share * largest);
      const { length } = await codec.encode({ data, width, height }, { maxBytes });
      expect(length).toBeLessThanOrEqual(maxBytes);
      expect(length).toBeGreaterThanOrEqual(Math.floor(0.99 * maxBytes));
    }
    const packets = await codec.encode({ data, width, height }, { maxBytes: largest, packets: 4 });
    expect(packets.length).toBeLessThanOrEqual(largest);
    backend.dispose();
  });
});

describe('tiles with the published weights', () => {
  it('leave no seams: where two tiles meet, neighbouring columns differ no more than elsewhere', async () => {
    const backend = await onnx();
    const codec = await createCodec(photo, { backend });
    // 101 × 65 positions: two windows along x, whose kept parts meet at 72.
    const [width, height] = [1616, 1040];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return 128 + 60 * Math.sin(x / 37 + (i % 3)) + 50 * Math.cos(y / 23);
    });
    const { image } = await codec.decode(await codec.encode({ data, width, height }));
    const jump = (x: number): number => {
      let sum = 0;
      for (let y = 0; y < height; y++)
        sum += Math.abs(image.data[(y * width + x) * 3]! - image.data[(y * width + x - 1) * 3]!);
      return sum / height;
    };
    const jumps = Array.from({ length: width - 1 }, (_, i) => jump(i + 1));
    const typical = [...jumps].sort((a, b) => a - b)[Math.floor(jumps.length * 0.99)]!;
    expect(jumps[72 * 16 - 1]!).toBeLessThanOrEqual(typical * 1.5);
    codec.dispose();
    backend.dispose();
  });
});
