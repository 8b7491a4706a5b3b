/** The published weights enlarge as they did when they were published, and are told from those of the codec. */
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, cpu } from '@vqkit/core';
import { loadModel } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import * as sr from '@vqkit/weights-sr-x4';
import * as real from '@vqkit/weights-sr-x4-real';
import { describe, expect, it } from 'vitest';
import { readGolden } from './testing/golden-sr.ts';
import { createUpscaler } from './upscaler.ts';

describe.each([
  ['sr-x4', sr],
  ['sr-x4-real', real],
] as const)('the published weights %s', (name, weights) => {
  const backends: readonly [string, () => Promise<Backend>][] = [
    ['cpu', async () => cpu()],
    ['onnx', () => onnx()],
  ];

  it.each(backends)('make the golden picture on %s, within one level of 255', async (_, open) => {
    const { small, large, ...size } = await readGolden(name);
    const backend = await open();
    const upscaler = await createUpscaler(weights, { backend });
    const { data, ...made } = await upscaler.upscale({ data: small, ...size });
    expect(made).toEqual({ width: 4 * size.width, height: 4 * size.height, channels: 3 });
    const worst = large.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(1);
    upscaler.dispose();
    backend.dispose();
  });
});

describe('weights of another kind', () => {
  it('are refused by the upscaler, which names those that enlarge', async () => {
    const failure = createUpscaler(photo, { backend: cpu() });
    await expect(failure).rejects.toMatchObject({ name: 'UpscalerError', code: 'WEIGHTS_DAMAGED' });
    await expect(failure).rejects.toThrow(/got 'ph-\d+' of 'photo-tokenizer'.*@vqkit\/weights-sr-x4/);
  });

  it('are refused where images become indices, as createCodec does, with who takes them', async () => {
    const failure = loadModel(sr);
    await expect(failure).rejects.toMatchObject({ name: 'TokenizerError', code: 'ARCHITECTURE_MISSING' });
    await expect(failure).rejects.toThrow('createUpscaler of @vqkit/sr');
  });
});
