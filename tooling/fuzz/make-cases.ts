/** The files that the fuzzer tries: altered real ones, and ones built to be hostile with checksums that fit. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { encodeAlpha, encodeIndices, printable, writeContainer } from '@vqkit/codec/bitstream';
import { writeSafetensors } from '@vqkit/core';
import { checkSize, checksum, crc32 } from '../../packages/codec/src/bitstream/bytes/checksum.ts';
import { framePacket } from '../../packages/codec/src/bitstream/container/packets.ts';
import { shortFrames, writeShortFrame } from '../../packages/codec/src/bitstream/container/short-frames.ts';
import { writeHeader } from '../../packages/codec/src/bitstream/container/write-header.ts';
import { entropyModes } from '../../packages/codec/src/bitstream/index-map.ts';
import { mutate, repaired } from '../../packages/codec/src/bitstream/testing/mutate.ts';
import { syntheticMap } from '../../packages/codec/src/bitstream/testing/synthetic-maps.ts';
import { createRandom, type Random } from '../../packages/codec/src/bitstream/training/random.ts';
import { root } from '../../scripts/lib/run.mjs';
import type { CaseKind } from './limits.ts';

/** Makes the file of a case: the same for the same seed, kind and index. */
export type Maker = (index: number) => Uint8Array;

/** Returns a maker for each kind. */
export function createMakers(seed: number): Record<CaseKind, Maker> {
  const files = bitstreams();
  const pictures = tinyPictures();
  const weights = weightFiles();
  const of = (kind: number, index: number): Random => createRandom(Math.imul(seed * 3 + kind, 0x9e3779b1) ^ index);
  return {
    bitstream: (index) => {
      const random = of(0, index);
      // Half of all have checksums that fit; of those, half are built and half are altered.
      if (index % 4 === 0) return builtBitstream(random);
      const altered = mutate(pick(random, files), random, random.below(6), files);
      return index % 4 === 1 ? repaired(altered) : altered;
    },
    decode: (index) => {
      const random = of(1, index);
      const altered = mutate(pick(random, pictures), random, random.below(6), pictures);
      return index % 2 === 0 ? repaired(altered) : altered;
    },
    weights: (index) => {
      const random = of(2, index);
      return index % 3 === 0 ? builtWeights(random) : alteredWeights(random, weights);
    },
  };
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.below(list.length)]!;
}

function filesIn(folder: string, pattern: RegExp): Uint8Array[] {
  const path = join(root, folder);
  return readdirSync(path)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => new Uint8Array(readFileSync(join(path, name))));
}

function bitstreams(): Uint8Array[] {
  const folder = 'packages/codec/src/bitstream/fixtures';
  return [...filesIn(folder, /\.vqk$/), ...filesIn(`${folder}/hostile`, /\.vqk$/)];
}

/** Valid files of the tiny model, whose positions are 16 pixels apart. */
function tinyPictures(): Uint8Array[] {
  const modelId = new TextEncoder().encode('tiny');
  return [
    [1, 1],
    [3, 2],
    [5, 4],
  ].flatMap(([width, height], i) => {
    const shape = { width: width! * 16 - i, height: height! * 16 };
    const alpha = Uint8Array.from({ length: shape.width * shape.height }, (_, at) => (at * 7) & 255);
    return [8, 64].flatMap((size) => {
      const map = syntheticMap({ width: width!, height: height!, codebookSizes: [size], seed: i });
      return [1, 4].flatMap((packets) => {
        const indices = encodeIndices(map, { packets });
        const content = { ...shape, modelId, indices };
        return [
          writeContainer(content),
          writeContainer({ ...content, isGrey: true, alpha: encodeAlpha(alpha, shape.width, shape.height) }),
        ];
      });
    });
  });
}

/** A number that is often small, sometimes at a border, rarely huge. */
function extreme(random: Random, most: number): number {
  const kind = random.below(20);
  if (kind < 12) return 1 + random.below(Math.min(most, 24));
  if (kind < 16) return 1 + random.below(Math.min(most, 300));
  if (kind < 18) return Math.max(1, Math.min(most, 2 ** (1 + random.below(24)) + random.below(3) - 1));
  return 1 + random.below(most);
}

/** Data that models believe, that they do not, or noise. */
function payload(random: Random): Uint8Array {
  const length = [0, 1, 4, 20, 200, 4000, 16000][Math.min(random.below(7), random.below(14))]!;
  const fill = pick(random, [0, 0x55, 0xaa, 0xff, -1, -1, -1]);
  return Uint8Array.from({ length: random.below(length + 1) }, () => (fill < 0 ? random.below(256) : fill));
}

/** A file with any possible header, frames that are intact, and anything in them. */
function builtBitstream(random: Random): Uint8Array {
  const grid = [extreme(random, 2 ** 22), extreme(random, 2 ** 22)];
  const isPlausible = random.below(3) > 0;
  while (isPlausible && grid[0]! * grid[1]! > 2 ** 22) grid[random.below(2)] = 1 + random.below(2048);
  const mode = pick(random, entropyModes);
  const most = { uniform: 2 ** 24, static: 2 ** 15, adaptive: 2 ** 15, mixing: 2 ** 16 }[mode];
  const planes = random.below(6) === 0 ? 1 + random.below(64) : 1;
  const packets = random.below(3) === 0 ? 1 : Math.min(4096, extreme(random, 4096));
  const stride = 2 ** random.below(5);
  const hasAlpha = random.below(4) === 0;
  const parity = random.below(6) === 0 ? 1 + random.below(255) : 0;
  const blocks =
    random.below(4) === 0
      ? undefined
      : { columns: 1 + random.below(Math.min(grid[0]!, 99)), rows: 1 + random.below(Math.min(grid[1]!, 99)) };
  const header = writeHeader({
    width: Math.min(0xffffff, grid[0]! * stride),
    height: Math.min(0xffffff, grid[1]! * stride),
    orientation: 1 + random.below(8),
    isGrey: random.below(2) === 0,
    hasAlpha,
    modelId: Uint8Array.of(1, 2, 3, random.below(256)),
    modelName: random.below(9) === 0 ? printable('\u001b[31m') : undefined,
    gridWidth: grid[0]!,
    gridHeight: grid[1]!,
    codebookSizes: Array.from({ length: planes }, () => pick(random, [8, 64, 2048, extreme(random, most)])),
    mode,
    priorId: mode === 'static' || (mode === 'mixing' && random.below(2) === 0) ? random.below(65536) : undefined,
    packets,
    step: random.below(packets),
    blocks,
    parity,
    tiles: undefined,
    metadata: undefined,
    colourRange: random.below(9) === 0 ? [random.below(100), 200] : undefined,
  });
  if (packets === 1 && !hasAlpha && parity === 0) {
    const body = Uint8Array.from([...header, ...payload(random)]);
    return Uint8Array.from([...body, ...checksum(checkSize(body.length), body)]);
  }
  const check = checksum(checkSize(header.length), header);
  const frames: Uint8Array[] = [];
  const short = shortFrames({ packets, hasAlpha, parity }, check);
  const frame = (id: number, data: Uint8Array): Uint8Array =>
    blocks ? writeShortFrame(id % 2 ** short.idBits, data, short) : framePacket(id, data, check);
  if (hasAlpha) frames.push(frame(packets, Uint8Array.from([random.below(2), ...payload(random)])));
  const count = random.below(9) === 0 ? packets : random.below(Math.min(packets, 6) + 1);
  const data = payload(random);
  for (let i = 0; i < count; i++) {
    const id = random.below(4) > 0 ? i : random.below(packets + 3 + parity);
    frames.push(frame(id, count > 20 ? data.subarray(0, 40) : payload(random)));
  }
  return new Uint8Array(Buffer.concat([header, check, ...frames]));
}

function weightFiles(): Uint8Array[] {
  const values = { dtype: 'f32', shape: [2, 3, 4], data: new Float32Array(24) } as const;
  return [
    ...filesIn('packages/metrics/src/weights/fixtures', /\.(pth|npz)$/),
    ...filesIn('packages/codec/src/bitstream/fixtures', /\.vqp$/),
    writeSafetensors({ 'a.b': values, c: { ...values, shape: [24] } }, { id: 'x' }),
  ];
}

/** An altered file; that of a prior with a checksum that fits. */
function alteredWeights(random: Random, files: readonly Uint8Array[]): Uint8Array {
  const bytes = mutate(pick(random, files), random, random.below(6), files);
  if (bytes[0] !== 0x76 || bytes.length < 12) return bytes;
  const body = bytes.subarray(0, bytes.length - 4);
  const hash = crc32(body);
  return Uint8Array.from([...body, hash, hash >>> 8, hash >>> 16, hash >>> 24]);
}

function builtWeights(random: Random): Uint8Array {
  return pick(random, [safetensors, zipped, pickled])(random);
}

/** A safetensors file with odd names, ranges and shapes. */
function safetensors(random: Random): Uint8Array {
  const size = pick(random, [0, 8, 100, 100_000]);
  const name = (): string =>
    pick(random, [
      'a',
      'a.b',
      'a.b.c',
      '__metadata__',
      '__proto__',
      'constructor',
      '0',
      '',
      '.'.repeat(1 + random.below(60_000)),
    ]);
  const entries = Array.from({ length: 1 + random.below(random.below(20) === 0 ? 3000 : 6) }, () => {
    const start = random.below(size + 1);
    const end = random.below(4) === 0 ? random.below(2 ** 32) : Math.min(size, start + 4 * random.below(size / 4 + 1));
    const elements = (end - start) / 4;
    const shape = pick(random, [[elements], [1, elements], [], [-1], [2 ** 31, 2 ** 31], [1e300], [elements, 1, 1]]);
    const dtype = pick(random, ['F32', 'F32', 'F16', 'BF16', 'F64', 'I64', 'U8', 'X']);
    return `${JSON.stringify(name())}:${JSON.stringify({ dtype, shape, data_offsets: [start, end] })}`;
  });
  const nested = random.below(20) === 0 ? `"n":${'['.repeat(50_000)}${']'.repeat(50_000)}` : undefined;
  const header = new TextEncoder().encode(`{${[...entries, ...(nested ? [nested] : [])].join(',')}}`);
  const bytes = new Uint8Array(8 + header.length + size);
  new DataView(bytes.buffer).setUint32(0, random.below(20) === 0 ? random.below(2 ** 31) : header.length, true);
  bytes.set(header, 8);
  return bytes;
}

/** A ZIP archive with what NumPy or PyTorch would put in, and sizes that lie. */
function zipped(random: Random): Uint8Array {
  const isTorch = random.below(2) === 0;
  const zeros = pick(random, [10, 1000, 1 << 20, 1 << 22]);
  const dimension = pick(random, [zeros / 4, 1 << 28, 2 ** 40, -1]);
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${Math.floor(dimension)},), }\n`;
  const array = Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]),
    Buffer.from(header),
    Buffer.alloc(zeros),
  ]);
  const members = isTorch
    ? [
        ['archive/data.pkl', Buffer.concat([pickled(random), Buffer.alloc(random.below(2) * zeros)])] as const,
        ['archive/data/0', Buffer.alloc(zeros)] as const,
      ]
    : Array.from({ length: 1 + random.below(4) }, (_, i) => [`a${i}.npy`, array] as const);
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of members) {
    const isDeflated = random.below(3) > 0;
    const data = isDeflated ? deflateRawSync(content) : content;
    const size = random.below(8) === 0 ? random.below(2 ** 32) : content.length;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(isDeflated ? 8 : 0, 4);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(size, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(random.below(20) === 0 ? random.below(2 ** 32) : at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\0\0', 'latin1'), fields, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  // Many names for one member: a small file that could grow without end.
  const first = directory[0]!;
  if (random.below(4) === 0 && !isTorch) {
    for (let i = 36; i < 836; i++) {
      directory.push(Buffer.concat([first.subarray(0, -6), Buffer.from(`${i.toString(36)}.npy`)]));
    }
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]));
}

/** A pickle of random opcodes, deep or wide, behind the start of PyTorch's old form or alone. */
function pickled(random: Random): Uint8Array {
  const magic = [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
  const opcodes = [...Buffer.from('](}a.sbuteNKJXcoR0122qrhjQ\x85\x86\x87\x88\x89\x94', 'latin1')];
  const body = pick(random, [
    () =>
      Array.from({ length: random.below(400) }, () =>
        random.below(3) > 0 ? pick(random, opcodes) : random.below(256),
      ),
    () => new Array<number>(100_000).fill(pick(random, [0x5d, 0x28, 0x7d])),
    () => [...new Array<number>(50_000).fill(0x5d), ...new Array<number>(49_999).fill(0x61), 0x2e],
    () => [...new Array<number>(50_000).fill(0x7d), ...new Array<number>(49_999).fill(0x86), 0x2e],
    // A dictionary in a dictionary, many times: {'a': {'a': …}}.
    () => [
      ...Array.from({ length: 30_000 }, () => [0x7d, 0x58, 1, 0, 0, 0, 0x61]).flat(),
      0x7d,
      ...new Array<number>(30_000).fill(0x73),
      0x2e,
    ],
    () => [0x58, 255, 255, 255, random.below(256)],
  ])();
  return Uint8Array.from(
    random.below(2) === 0
      ? [...magic, 0x80, 2, 0x4b, 1, 0x2e, 0x80, 2, 0x7d, 0x2e, 0x80, 2, ...body, 0x2e]
      : [0x80, 2, ...body, 0x2e],
  );
}
