import { onnx } from '@vqkit/backend-onnx';
import type { Backend } from '@vqkit/core';
import * as exact from '@vqkit/weights-photo';
import * as small from '@vqkit/weights-photo/int8';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashLists } from './bitstream/testing/golden.ts';
import { type Codec, createCodec } from './codec.ts';
import { readGolden } from './testing/golden-photo.ts';

/** Root of the mean squared difference, in levels of 255. */
function difference(a: { data: ArrayLike<number> }, b: { data: ArrayLike<number> }): number {
  const sum = Array.from(a.data, (value, i) => (value - b.data[i]!) ** 2).reduce((all, square) => all + square, 0);
  return Math.sqrt(sum / a.data.length);
}

describe('the published weights with filters of 8 bits', () => {
  let backend: Backend;
  let codecs: Record<'f16' | 'int8', Codec>;
  beforeAll(async () => {
    backend = await onnx();
    codecs = { f16: await createCodec(exact, { backend }), int8: await createCodec(small, { backend }) };
  });
  afterAll(() => {
    for (const each of [...Object.values(codecs), backend]) each.dispose();
  });

  it('decode the golden file to its recorded indices, and to a picture like that of f16', async () => {
    const { bytes, facts } = await readGolden(small.manifest.id);
    const { planes } = await codecs.int8.decodeToIndices(bytes);
    expect(hashLists(planes)).toBe(facts.indicesSha256);
    const [a, b] = [await codecs.f16.decode(bytes), await codecs.int8.decode(bytes)];
    // what 8 bits lose is far below what the codec loses, 20 levels; and it is another file that was read
    expect(difference(a.image, b.image)).toBeLessThan(4.5);
    expect(difference(a.image, b.image)).toBeGreaterThan(0);
  });

  it.each([
    ['int8', 'f16'],
    ['f16', 'int8'],
  ] as const)('write and read the same files: written by %s, read by %s', async (writer, reader) => {
    const { image } = await codecs.f16.decode((await readGolden(small.manifest.id)).bytes, { channels: 3 });
    const bytes = await codecs[writer].encode(image, { maxBytes: 120 });
    const [own, other] = [await codecs[writer].decodeToIndices(bytes), await codecs[reader].decodeToIndices(bytes)];
    expect(hashLists(other.planes)).toBe(hashLists(own.planes));
    const restored = await codecs[reader].decode(bytes, { channels: 3 });
    expect(difference(restored.image, image)).toBeLessThan(25);
  });
});
