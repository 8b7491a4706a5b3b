import { cpu, type HostTensor, readTree, saveTree, uploadTree } from '@vqkit/core';
import type { WeightsPackage } from '@vqkit/tokenizer';
import { describe, expect, it } from 'vitest';
import { encodeIndices, writeContainer } from './bitstream/index.ts';
import { createCodec } from './codec.ts';
import { inspect } from './inspect.ts';
import { picture } from './testing/picture.ts';
import { tinyCodec } from './testing/tiny-codec.ts';
import { tinyWeights } from './testing/tiny-weights.ts';

const { weights, backend, codec } = await tinyCodec();

describe('a codec', () => {
  it('refuses damaged weights', async () => {
    const broken: WeightsPackage = { ...weights, load: async () => Uint8Array.of(1, 2, 3) };
    await expect(createCodec(broken, { backend })).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' });
  });

  it('passes on why weights cannot be had', async () => {
    const offline: WeightsPackage = { ...weights, load: () => Promise.reject(new Error('offline')) };
    await expect(createCodec(offline, { backend })).rejects.toThrow(/^offline$/);
  });

  it('refuses weights that are not finite or lack a prior, and says which', async () => {
    const files = await (await tinyWeights()).load('weights.safetensors');
    const { tree } = await readTree(files);
    const codebooks = (tree as { codebooks: Record<string, HostTensor> }).codebooks;
    (codebooks['4']!.data as Float32Array)[3] = Number.NaN;
    const backendOwn = cpu();
    const spoilt = await saveTree(uploadTree(backendOwn, tree));
    backendOwn.dispose();
    const other = (load: WeightsPackage['load']): Promise<unknown> => createCodec({ ...weights, load }, { backend });
    await expect(other(async (file) => (file.endsWith('.vqp') ? weights.load(file) : spoilt))).rejects.toMatchObject({
      code: 'WEIGHTS_DAMAGED',
      message: expect.stringContaining('not finite'),
    });
  });

  it('reads the prior of a rate when it is needed, once, and again when that failed', async () => {
    const asked: string[] = [];
    let isOffline = true;
    const load = (file: string) => {
      asked.push(file);
      return isOffline && file.endsWith('.vqp') ? Promise.reject(new Error('ENOENT')) : weights.load(file);
    };
    using own = await createCodec({ ...weights, load }, { backend });
    expect(asked).toEqual(['weights.safetensors']);
    const encode = () => own.encode(picture(20, 20), { codebookSize: 4 });
    await expect(encode()).rejects.toMatchObject({
      code: 'PRIOR_MISSING',
      message: expect.stringMatching(/'prior-4.vqp' of the weights 'tiny', got: ENOENT/),
    });
    isOffline = false;
    await Promise.all([encode(), encode()]);
    await encode();
    expect(asked.slice(1)).toEqual(['prior-4.vqp', 'prior-4.vqp']);
    // This file needs none.
    const { width, height } = await own.decodeToIndices(
      writeContainer({
        width: 16,
        height: 16,
        modelId: new TextEncoder().encode('tiny'),
        indices: encodeIndices({ width: 1, height: 1, codebookSizes: [16], planes: [[3]] }, { mode: 'uniform' }),
      }),
    );
    expect([width, height, asked.length]).toEqual([1, 1, 3]);
  });

  it('gives up waiting for a prior with its signal', async () => {
    const load = (file: string) => (file.endsWith('.vqp') ? new Promise<never>(() => undefined) : weights.load(file));
    using own = await createCodec({ ...weights, load }, { backend });
    const controller = new AbortController();
    const waiting = own.encode(picture(20, 20), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('gives as many channels as asked for', async () => {
    const opaque = await codec.encode(picture(20, 12));
    const { image: rgb } = await codec.decode(opaque, { channels: 3 });
    const { image: rgba } = await codec.decode(opaque, { channels: 4 });
    expect([rgb.channels, rgba.channels, rgba.data.length]).toEqual([3, 4, 20 * 12 * 4]);
    expect(rgba.data.every((value, i) => value === (i % 4 === 3 ? 255 : rgb.data[(i >> 2) * 3 + (i % 4)]))).toBe(true);
    const withAlpha = await codec.encode(picture(20, 12, 4));
    const { image: own } = await codec.decode(withAlpha, { channels: 4 });
    expect(own).toEqual((await codec.decode(withAlpha)).image);
    expect((await codec.decode(withAlpha, { channels: 3 })).image.channels).toBe(3);
    await expect(codec.decode(opaque, { channels: 5 as 4 })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    // The types fit what browsers take.
    expect(new Blob([opaque]).size).toBe(opaque.length);
  });

  it('takes undefined as the default of every number, and refuses what is none', async () => {
    const image = picture(32, 32);
    const plain = await codec.encode(image);
    const none = { targetBpp: undefined, maxBytes: undefined, codebookSize: undefined, packets: undefined };
    expect(await codec.encode(image, none)).toEqual(plain);
    expect((await codec.decode(plain, { maxPixels: undefined })).image.width).toBe(32);
    const large = writeContainer({
      width: 2 ** 15,
      height: 2 ** 14,
      modelId: new TextEncoder().encode('tiny'),
      indices: encodeIndices({ width: 1, height: 1, codebookSizes: [16], planes: [[0]] }, { mode: 'uniform' }),
    });
    await expect(codec.decode(large, { maxPixels: undefined })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    for (const value of [Number.NaN, 0, -1, '9', null, {}, 1.5]) {
      for (const name of ['targetBpp', 'maxBytes', 'codebookSize', 'packets']) {
        if (value === 1.5 && ['targetBpp', 'maxBytes'].includes(name)) continue;
        const options = { [name]: value };
        await expect(codec.encode(image, options), `${name} ${value}`).rejects.toMatchObject({
          code: 'OPTIONS_INVALID',
        });
      }
      const options = { maxPixels: value as number };
      await expect(codec.decode(plain, options), `maxPixels ${value}`).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
      });
      await expect(codec.decodeToIndices(plain, options)).rejects.toThrow(/maxPixels/);
    }
  });

  it('takes bytes in every form, and names what is none', async () => {
    const bytes = await codec.encode(picture(20, 20));
    const { image } = await codec.decode(bytes);
    const padded = new Uint8Array(bytes.length + 8);
    padded.set(bytes, 4);
    const view = new DataView(padded.buffer, 4, bytes.length);
    for (const form of [Buffer.from(bytes), bytes.slice().buffer, view, new Blob([bytes.slice()])])
      expect((await codec.decode(form)).image).toEqual(image);
    for (const form of ['photo.vqk', null, undefined, 7, [1, 2], { data: bytes }] as never[]) {
      await expect(codec.decode(form)).rejects.toMatchObject({ code: 'BYTES_INVALID' });
      await expect(codec.decodeToIndices(form)).rejects.toThrow(/expected the bytes of a .vqk file/);
      expect(() => inspect(form)).toThrow(/expected the bytes of a .vqk file/);
    }
  });

  it('does nothing after dispose', async () => {
    const own = await createCodec(weights, { backend });
    const bytes = await own.encode(picture(20, 20));
    const atWork = own.encode(picture(200, 200));
    own.dispose();
    own.dispose();
    await expect(atWork).rejects.toMatchObject({ code: 'TOKENIZER_DISPOSED' });
    await expect(own.encode(picture(20, 20))).rejects.toMatchObject({ code: 'CODEC_DISPOSED' });
    await expect(own.decode(bytes)).rejects.toMatchObject({ code: 'CODEC_DISPOSED' });
    await expect(own.warmup(16, 16)).rejects.toMatchObject({ code: 'CODEC_DISPOSED' });
  });
});
