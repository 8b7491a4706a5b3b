import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { cpu } from '@vqkit/core';
import { ImageError } from '@vqkit/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Codec, createCodec } from '../codec.ts';
import { BitstreamError, CodecError } from '../index.ts';
import { tinyWeights } from '../testing/tiny-weights.ts';
import { connectCodec, serveCodec, type WorkerCodec } from './index.ts';
import { packError, unpackError } from './pack-error.ts';

const start = (workerData?: string) =>
  new Worker(new URL('../testing/codec-worker.ts', import.meta.url), { workerData });

function picture(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => 128 + 100 * Math.sin(i / 40 + (i % 3)));
  return { data, width, height };
}

describe('a codec in a worker', () => {
  const backend = cpu();
  let local: Codec;
  let codec: WorkerCodec;
  beforeAll(async () => {
    local = await createCodec(await tinyWeights(), { backend });
    codec = await connectCodec(start());
  });
  afterAll(() => codec.dispose());

  it('does what a codec does', async () => {
    await codec.warmup(40, 30);
    const image = picture(40, 30);
    const bytes = await codec.encode(image, { codebookSize: 4 });
    expect(bytes).toEqual(await local.encode(image, { codebookSize: 4 }));
    expect(await codec.decode(bytes, { channels: 4 })).toEqual(await local.decode(bytes, { channels: 4 }));
    expect(await codec.decodeToIndices(bytes)).toEqual(await local.decodeToIndices(bytes));
    const stream = codec.decodeProgressive(new Blob([bytes]).stream());
    expect((await stream.next()).value).toEqual(await local.decode(bytes));
    expect((await stream.next()).done).toBe(true);
    // A part of larger memory, a Buffer, and a Blob.
    const { image: restored } = await local.decode(bytes);
    const padded = new Uint8Array(1000);
    padded.set(bytes, 500);
    for (const form of [
      padded.subarray(500, 500 + bytes.length),
      Buffer.from(bytes),
      bytes.slice().buffer,
      new Blob([bytes]),
    ])
      expect((await codec.decode(form)).image).toEqual(restored);
    expect(padded.length).toBe(1000);
  });

  it('copies what it is given, unless it is handed over', async () => {
    const image = picture(20, 20);
    const bytes = await codec.encode(image);
    expect(image.data).toHaveLength(1200);
    expect(await codec.encode(image, { transfer: [image.data.buffer] })).toEqual(bytes);
    expect(image.data).toHaveLength(0);
  });

  it('tells progress, and gives up with a signal, whose reason it rejects with', async () => {
    const events: unknown[] = [];
    await codec.encode(picture(40, 30), { onProgress: (progress) => events.push(progress) });
    expect(events.at(-1)).toEqual({ done: 1, total: 1 });
    const controller = new AbortController();
    const reason = new Error('enough');
    const waiting = codec.encode(picture(200, 200), { signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(codec.decode(new Uint8Array(9), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect((await codec.encode(picture(20, 20))).length).toBeGreaterThan(0);
  });

  it('rejects with the errors of a codec: class, code, advice and cause', async () => {
    const caught = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
    const damaged = await caught(codec.decode(new Uint8Array(40)));
    expect(damaged).toBeInstanceOf(BitstreamError);
    expect(damaged).toMatchObject({ name: 'BitstreamError', code: 'NOT_A_VQK', fix: expect.any(String) });
    const low = await caught(codec.encode(picture(40, 30), { maxBytes: 3 }));
    expect(low).toBeInstanceOf(CodecError);
    expect(low).toMatchObject({
      code: 'RATE_TOO_LOW',
      message: expect.stringContaining('expected a file of at most 3'),
    });
    expect(await caught(codec.encode({ data: new Uint8Array(5), width: 2, height: 2 }))).toBeInstanceOf(ImageError);
    for (const none of [null, 'photo.vqk', 7] as never[])
      expect(await caught(codec.decode(none))).toMatchObject({ code: 'BYTES_INVALID' });
  });

  it('passes on why the codec did not open, whatever class that error has', async () => {
    await expect(connectCodec(start('offline'))).rejects.toMatchObject({
      name: 'WeightsError',
      code: 'WEIGHTS_UNREACHABLE',
      message: 'no weights',
      cause: expect.any(RangeError),
    });
  });

  it('waits for workers that begin to listen late', async () => {
    const late = await connectCodec(start('late'));
    expect(await late.encode(picture(16, 16))).toEqual(await local.encode(picture(16, 16)));
    late.dispose();
  });

  it('fails, and does not hang, when its worker ends or is none', async () => {
    const dying = await connectCodec(start('dying'));
    const failed = { code: 'WORKER_FAILED', message: expect.stringContaining('code 3') };
    await expect(dying.encode(picture(16, 16))).rejects.toMatchObject(failed);
    await expect(dying.encode(picture(16, 16))).rejects.toMatchObject(failed);
    dying.dispose();
    const broken = new Worker('throw new Error("no such thing")', { eval: true });
    await expect(connectCodec(broken)).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      message: expect.stringContaining('no such thing'),
    });
    expect(() => serveCodec(() => local)).toThrow(/called in a worker/);
  });

  it('ends its worker with dispose(), and what is under way', async () => {
    const worker = start();
    const own = await connectCodec(worker);
    const waiting = own.encode(picture(200, 200));
    own.dispose();
    own.dispose();
    await expect(waiting).rejects.toMatchObject({ code: 'CODEC_DISPOSED' });
    await expect(own.encode(picture(16, 16))).rejects.toMatchObject({ code: 'CODEC_DISPOSED' });
    await once(worker, 'exit');
  });

  it('goes through a port as well', async () => {
    const { port1, port2 } = new MessageChannel();
    serveCodec(async () => createCodec(await tinyWeights(), { backend }), port1);
    using far = await connectCodec(port2);
    expect(await far.encode(picture(16, 16))).toEqual(await local.encode(picture(16, 16)));
  });
});

it('carries whatever is thrown', () => {
  const error = new AggregateError([new TypeError('one'), 'two'], 'both');
  expect(unpackError(structuredClone(packError(error)))).toEqual(error);
  const abort = unpackError(structuredClone(packError(new DOMException('stop', 'AbortError'))));
  expect(abort).toBeInstanceOf(DOMException);
  expect(abort).toMatchObject({ name: 'AbortError', message: 'stop' });
  expect(unpackError(packError('text'))).toBe('text');
  const loop = new Error('round');
  loop.cause = loop;
  expect(unpackError(packError(loop))).toMatchObject({ message: 'round' });
  expect(unpackError(packError(Object.assign(new Error('odd'), { code: 'ODD', call: () => 1 })))).toMatchObject({
    message: 'odd',
  });
});
