import { onnx } from '@vqkit/backend-onnx';
import { cpu, random } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { splitFile } from './bitstream/index.ts';
import { createCodec } from './codec.ts';
import { inspect } from './inspect.ts';
import { picture } from './testing/picture.ts';
import { tinyCodec } from './testing/tiny-codec.ts';
import { tinyWeights } from './testing/tiny-weights.ts';

const { weights, backend, codec } = await tinyCodec();

describe('createCodec', () => {
  it('restores an image of the same size from the bytes alone', async () => {
    const bytes = await codec.encode(picture(50, 34));
    const { image, lostShare } = await codec.decode(bytes);
    expect(image).toMatchObject({ width: 50, height: 34, channels: 3 });
    expect(image.data).toHaveLength(50 * 34 * 3);
    expect(lostShare).toBe(0);
    expect(inspect(bytes)).toMatchObject({
      modelId: 'tiny',
      width: 50,
      height: 34,
      bytes: bytes.length,
      codebookSize: 16,
      gridWidth: 4,
      gridHeight: 4,
      isComplete: true,
    });
  });

  it.each([
    [1, 1],
    [1, 40],
    [17, 16],
    [16, 15],
    [3, 2],
  ])('takes %i×%i pixels', async (width, height) => {
    const { image } = await codec.decode(await codec.encode(picture(width, height)));
    expect([image.width, image.height, image.data.length]).toEqual([width, height, width * height * 3]);
  });

  it('keeps alpha exactly, and grey grey', async () => {
    const translucent = picture(20, 20, 4);
    const { image } = await codec.decode(await codec.encode(translucent));
    expect(image.channels).toBe(4);
    for (let i = 3; i < image.data.length; i += 4) expect(image.data[i]).toBe(translucent.data[i]);
    const grey = await codec.decode(await codec.encode(picture(20, 20, 1)));
    for (let i = 0; i < grey.image.data.length; i += 3) expect(grey.image.data[i]).toBe(grey.image.data[i + 2]);
  });

  it('never exceeds the rate asked for, and says what is possible when it cannot keep it', async () => {
    const image = picture(160, 160);
    const best = await codec.encode(image);
    const bpp = (best.length * 8 - 1) / (160 * 160);
    const smaller = await codec.encode(image, { targetBpp: bpp });
    expect(smaller.length * 8).toBeLessThanOrEqual(bpp * 160 * 160);
    expect(inspect(smaller).codebookSize).toBe(16);
    expect(await codec.encode(image, { maxBytes: best.length })).toEqual(best);
    const few = await codec.encode(image, { codebookSize: 4 });
    expect(few.length).toBeLessThan(smaller.length);
    expect(await codec.encode(image, { maxBytes: few.length })).toEqual(few);
    await expect(codec.encode(image, { maxBytes: 5 })).rejects.toMatchObject({ code: 'RATE_TOO_LOW' });
    await expect(codec.encode(image, { maxBytes: 500, targetBpp: 1 })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
    });
    await expect(codec.encode(image, { targetBpp: Number.NaN })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    await expect(codec.encode(image, { codebookSize: 5 })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });

  it('gives the same indices and nearly the same picture on another backend', async () => {
    const other = await onnx();
    const second = await createCodec(weights, { backend: other });
    const bytes = await codec.encode(picture(70, 40));
    expect(await second.decodeToIndices(bytes)).toEqual(await codec.decodeToIndices(bytes));
    const [a, b] = await Promise.all([codec.decode(bytes), second.decode(bytes)]);
    const differences = a.image.data.map((value, i) => Math.abs(value - b.image.data[i]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
    second.dispose();
    other.dispose();
  });

  it('restores exactly what parity packets cover, in packets of a size', async () => {
    const sized = splitFile(await codec.encode(picture(256, 192), { packetBytes: 40, parity: 2 }));
    for (const part of [sized.header, ...sized.packets]) expect(part.length).toBeLessThanOrEqual(40);
    const bytes = await codec.encode(picture(256, 192), { packets: 6, parity: 2 });
    const { header, packets } = splitFile(bytes);
    const arrived = Uint8Array.from([header, ...packets.slice(2)].flatMap((part) => [...part]));
    expect(await codec.decodeToIndices(arrived)).toEqual(await codec.decodeToIndices(bytes));
    expect((await codec.decode(arrived)).lostShare).toBe(0);
    expect((await codec.decode(arrived.subarray(0, arrived.length - 1))).lostShare).toBeGreaterThan(0);
  });

  it('refuses packets that cannot be, before any work', async () => {
    for (const options of [
      { packets: 5000 },
      { packets: Number.NaN },
      { packetBytes: 31 },
      { packets: 4, packetBytes: 100 },
      { parity: -1 },
      { packets: 250, parity: 6 },
    ]) {
      await expect(codec.encode(picture(32, 32), options)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
  });

  it('shows a picture when packets are lost, and says how much was guessed', async () => {
    const bytes = await codec.encode(picture(96, 96), { packets: 4 });
    const whole = await codec.decode(bytes);
    const cutShort = bytes.slice(0, bytes.length - 6);
    const { image, lostShare } = await codec.decode(cutShort);
    expect(lostShare).toBeGreaterThan(0.2);
    expect(lostShare).toBeLessThan(0.3);
    expect(image.data).toHaveLength(whole.image.data.length);
  });

  it('says when alpha was lost, and shows an opaque picture', async () => {
    const bytes = await codec.encode(picture(48, 48, 4), { packets: 2 });
    // Alpha travels last.
    const { image, isAlphaLost } = await codec.decode(bytes.slice(0, bytes.length - 3));
    expect(isAlphaLost).toBe(true);
    expect(image.channels).toBe(3);
    expect((await codec.decode(bytes)).isAlphaLost).toBe(false);
  });

  it('refuses files of other models', async () => {
    const stranger = await createCodec(await tinyWeights('else', 2), { backend });
    const bytes = await stranger.encode(picture(16, 16));
    await expect(codec.decode(bytes)).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
    await expect(codec.decodeToIndices(bytes)).rejects.toThrow(
      /expected a file of model 'tiny', got one of model 'else'.*Decode it with the weights package that it was made with/,
    );
    stranger.dispose();
  });

  it('names the version that reads files of a model which the package had before', async () => {
    const { manifest, load } = await tinyWeights();
    const before = await createCodec(await tinyWeights('before', 2), { backend });
    const predecessors = { old: 'tiny@0.1.0', before: 'tiny@0.2.0' };
    const now = await createCodec({ manifest: { ...manifest, predecessors }, load }, { backend });
    const failure = now.decode(await before.encode(picture(16, 16)));
    await expect(failure).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
    await expect(failure).rejects.toThrow(/got one of model 'before'.*Decode it with tiny@0\.2\.0/);
    for (const each of [before, now]) each.dispose();
  });

  it('ends every mutated file in an image or a typed error', async () => {
    const stream = random(3);
    const good = await codec.encode(picture(64, 48), { packets: 2 });
    const outcomes = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const bytes = good.slice(0, stream.next() < 0.3 ? stream.integer(good.length) : good.length);
      for (let k = 0; k < 1 + stream.integer(3) && bytes.length > 0; k++)
        bytes[stream.integer(bytes.length)] = stream.integer(256);
      try {
        const { image } = await codec.decode(bytes, { maxPixels: 10_000 });
        outcomes.add(image.data.length > 0 ? 'image' : 'nothing');
      } catch (error) {
        outcomes.add((error as { code?: string }).code ?? `untyped: ${String(error)}`);
      }
    }
    expect([...outcomes].filter((outcome) => outcome.startsWith('untyped') || outcome === 'nothing')).toEqual([]);
    expect(outcomes.size).toBeGreaterThan(2);
  });

  it('stops when asked to, and reports progress', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(codec.encode(picture(32, 32), { signal: controller.signal })).rejects.toThrow('enough');
    await expect(codec.decode(await codec.encode(picture(32, 32)), { signal: controller.signal })).rejects.toThrow(
      'enough',
    );
    const events: number[] = [];
    await codec.encode(picture(32, 32), { onProgress: ({ done }) => events.push(done) });
    expect(events).toEqual([0, 1]);
  });

  it('keeps alpha exactly, coarsely, or drops it; and says when alpha fills the file', async () => {
    const noise = picture(128, 128, 4);
    const stream = random(5);
    const data = Uint8Array.from(noise.data, (value, i) => (i % 4 === 3 ? stream.integer(256) : value));
    const image = { ...noise, data };
    const alphaOf = ({ data: samples }: { data: ArrayLike<number> }) =>
      Array.from(samples).filter((_, i) => i % 4 === 3);
    const kept = await codec.encode(image);
    expect(alphaOf((await codec.decode(kept)).image)).toEqual(alphaOf(image));
    const lossy = await codec.encode(image, { alpha: 'lossy' });
    expect(lossy.length).toBeLessThan(kept.length / 20);
    expect((await codec.decode(lossy)).image.channels).toBe(4);
    const dropped = await codec.encode(image, { alpha: 'drop' });
    expect((await codec.decode(dropped)).image.channels).toBe(3);
    await expect(codec.encode(image, { maxBytes: kept.length - 500 })).rejects.toMatchObject({
      code: 'RATE_TOO_LOW',
      message: expect.stringMatching(/are its alpha channel. Code alpha coarsely with alpha: 'lossy'/),
    });
    await expect(codec.encode(image, { alpha: 'some' as never })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    // A mask costs little: its edges stay where they are.
    const masked = { ...noise, data: noise.data.map((value, i) => (i % 4 === 3 ? (i < 30_000 ? 0 : 255) : value)) };
    const mask = await codec.decode(await codec.encode(masked, { alpha: 'lossy' }));
    expect(alphaOf(mask.image)).toEqual(alphaOf(masked));
  });

  it('leaks nothing', async () => {
    const own = cpu();
    await checkLeaks(own, async () => {
      const fresh = await createCodec(weights, { backend: own });
      await fresh.warmup(32, 32);
      await fresh.decode(await fresh.encode(picture(32, 32)));
      fresh.dispose();
      return [];
    });
  });
});
