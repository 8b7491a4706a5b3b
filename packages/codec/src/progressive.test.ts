import { describe, expect, it } from 'vitest';
import { splitFile } from './bitstream/index.ts';
import { createCodec } from './codec.ts';
import type { Decoded } from './codec-options.ts';
import type { FileStream } from './progressive.ts';
import { picture } from './testing/picture.ts';
import { tinyCodec } from './testing/tiny-codec.ts';
import { tinyWeights } from './testing/tiny-weights.ts';

const { backend, codec } = await tinyCodec();
const file = await codec.encode(picture(64, 64), { packets: 4 });

const join = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A source that gives the next chunk when the one before has had time to be used. */
async function* slowly(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield chunk;
  }
}

/** The bytes one by one. */
const bytewise = (bytes: Uint8Array) => Array.from(bytes, (byte) => Uint8Array.of(byte));

async function all(source: FileStream, options?: Parameters<typeof codec.decodeProgressive>[1]): Promise<Decoded[]> {
  const pictures: Decoded[] = [];
  for await (const one of codec.decodeProgressive(source, options)) pictures.push(one);
  return pictures;
}

describe('decodeProgressive', () => {
  it('shows what every packet adds, and in the end what decode shows', async () => {
    const { header, packets } = splitFile(file);
    const pictures = await all(slowly([header, ...packets]));
    expect(pictures.map(({ lostShare }) => Math.round(4 * lostShare))).toEqual([3, 2, 1, 0]);
    expect(pictures.at(-1)).toEqual(await codec.decode(file));
    for (const [i, one] of pictures.entries())
      expect(one).toEqual(await codec.decode(join([header, ...packets.slice(0, i + 1)])));
  });

  it('does not decode what is old by then', async () => {
    const { header, packets } = splitFile(file);
    expect(await all(new Blob([header, ...packets] as BlobPart[]).stream())).toHaveLength(1);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({}, undefined, { highWaterMark: 9 });
    const writer = writable.getWriter();
    const shares: number[] = [];
    await writer.write(join([header, packets[0]!]));
    for await (const { lostShare } of codec.decodeProgressive(readable)) {
      shares.push(Math.round(4 * lostShare));
      if (shares.length > 1) continue;
      for (const packet of packets.slice(1)) await writer.write(packet);
    }
    expect(shares).toEqual([3, 0]);
  });

  it('takes bytes as small as they come, in every kind of stream, and files in one packet', async () => {
    const whole = await codec.decode(file);
    const pictures = await all(slowly(bytewise(file)));
    expect(pictures).toHaveLength(4);
    expect(pictures.at(-1)).toEqual(whole);
    const single = await codec.encode(picture(40, 30));
    expect(await all(slowly(bytewise(single)))).toEqual([await codec.decode(single)]);
    expect(await all(slowly([new Uint8Array(0), Buffer.from(file)]))).toEqual([whole]);
  });

  it('stops reading when nothing is missing: parity restores the rest', async () => {
    const { header, packets } = splitFile(await codec.encode(picture(96, 96), { packets: 3, parity: 1 }));
    const read: number[] = [];
    let isClosed = false;
    const source = async function* () {
      try {
        for (const [i, part] of [header, ...packets.slice(1), ...packets].entries()) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          read.push(i);
          yield part;
        }
      } finally {
        isClosed = true;
      }
    };
    const pictures = await all(source());
    expect(pictures.map(({ lostShare }) => Math.round(3 * lostShare))).toEqual([2, 1, 0]);
    expect(read.length).toBeLessThanOrEqual(5);
    await expect.poll(() => isClosed).toBe(true);
  });

  it('needs no end of the stream to know that a file is whole, however little came last', async () => {
    const large = await codec.encode(picture(640, 640), { packets: 2 });
    expect(large.length).toBeGreaterThan(2 * 128);
    const open = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        controller.enqueue(large.slice(0, -1));
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.enqueue(large.slice(-1));
      },
    });
    expect((await all(open)).map(({ lostShare }) => Math.round(2 * lostShare))).toEqual([1, 0]);
  });

  it('ends with what there was when the stream ends early, and fails where decode fails', async () => {
    const cut = await all(slowly([file.slice(0, file.length - 3)]));
    expect(cut).toHaveLength(1);
    expect(cut[0]!.lostShare).toBeGreaterThan(0.2);
    const { header } = splitFile(file);
    await expect(all(slowly([header]))).rejects.toMatchObject({ code: 'ALL_PACKETS_LOST' });
    await expect(all(slowly([header.slice(0, 5)]))).rejects.toMatchObject({ code: 'TRUNCATED' });
    await expect(all(slowly([]))).rejects.toMatchObject({ code: 'NOT_A_VQK' });
    const single = await codec.encode(picture(40, 30));
    await expect(all(slowly([single.slice(0, -1)]))).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  });

  it('refuses strangers before their files are whole, and what is no stream', async () => {
    const endless = async function* (start: Uint8Array) {
      yield start;
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield new Uint8Array(1);
      }
    };
    await expect(all(endless(new Uint8Array(9)))).rejects.toMatchObject({ code: 'NOT_A_VQK' });
    await expect(all(endless(file), { maxPixels: 100 })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const flood = async function* () {
      yield file.slice(0, -3);
      for (;;) yield new Uint8Array(2 ** 24);
    };
    await expect(all(flood())).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    using other = await createCodec(await tinyWeights('else', 2), { backend });
    await expect(other.decodeProgressive(endless(file)).next()).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
    for (const none of [null, undefined, 7, {}, file] as never[])
      await expect(all(none)).rejects.toMatchObject({ code: 'BYTES_INVALID' });
    await expect(all(slowly(['text'] as never[]))).rejects.toMatchObject({ code: 'BYTES_INVALID' });
    await expect(all(slowly([file]), { maxPixels: Number.NaN })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });

  it('gives up with its signal while it waits, cancels the stream, and passes on what a stream throws', async () => {
    const { header, packets } = splitFile(file);
    const reasons: unknown[] = [];
    const stuck = () =>
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(join([header, packets[0]!])),
        cancel: (reason) => void reasons.push(reason),
      });
    const controller = new AbortController();
    const pictures = codec.decodeProgressive(stuck(), { signal: controller.signal });
    expect((await pictures.next()).value).toMatchObject({ isAlphaLost: false });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(pictures.next()).rejects.toThrow('enough');
    expect(reasons).toHaveLength(1);
    for await (const _ of codec.decodeProgressive(stuck())) break;
    expect(reasons).toHaveLength(2);
    const broken = async function* () {
      yield file.slice(0, file.length - 3);
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new Error('connection lost');
    };
    const seen: Decoded[] = [];
    const watch = async () => {
      for await (const one of codec.decodeProgressive(broken())) seen.push(one);
    };
    await expect(watch()).rejects.toThrow('connection lost');
    expect(seen).toHaveLength(1);
  });
});
