/**
 * What packets cost: the Kodak photos in one packet and in many, by number and by size, and where the bytes go. With `--lost`
 * also how far the PSNR falls when that share of the packets is lost at random and copied from its neighbours. With `--parity`
 * instead files of 20 packets, so many of them for parity, at the same bytes (`--bpp`), where 10 and 20 % are lost (`parity.ts`).
 *
 *   npm run bench -- packets [--codes 2048] [--prior <file>] [--lost 0.2] [--numbers 20,64] [--limit 6] [--threads 1]
 *   npm run bench -- packets --parity 0,2,4,6 [--bpp 0.03] [--limit 6] [--threads 1]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { concealLost, createCodec } from '@vqkit/codec';
import {
  accountBytes,
  type ContainerContent,
  decodeIndices,
  encodeIndices,
  fitPackets,
  loadPrior,
  type Prior,
  splitContainer,
  writeContainer,
} from '@vqkit/codec/bitstream';
import { random } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import { psnr } from '@vqkit/metrics';
import { createTokenizer, type IndexMap, positionsOf, priorFile, type Tokenizer } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import { dataPath } from '../../tooling/shared-data.ts';
import { describeMachine } from '../harness/machine.ts';
import type { BenchItem, Benchmark, BenchReport } from '../harness/report.ts';
import { openMeter } from '../harness/scores.ts';
import { picturesOf, readLarge } from '../sr/pictures.ts';
import { compareParity } from './parity.ts';

const options = {
  codes: { type: 'string', default: `${photo.manifest.codebookSizes.at(-1)}` },
  prior: { type: 'string' },
  lost: { type: 'string' },
  numbers: { type: 'string', default: '1,4,10,20,32,64,128,256' },
  sizes: { type: 'string', default: '340,222,128,64' },
  parity: { type: 'string' },
  bpp: { type: 'string', default: '0.03' },
  limit: { type: 'string' },
  threads: { type: 'string' },
} as const;

/** A photo, and its indices. */
interface Coded {
  readonly picture: Raster;
  readonly map: IndexMap;
}

const benchmark: Benchmark = async ({ args, log }) => {
  const { values } = parseArgs({ args: [...args], options });
  if (values.parity !== undefined) return parityBenchmark(values.parity.split(',').map(Number), values, log);
  const [codes, lost] = [Number(values.codes), values.lost === undefined ? undefined : Number(values.lost)];
  const backend = await onnx({ threads: values.threads === undefined ? undefined : Number(values.threads) });
  const tokenizer = await createTokenizer(photo, { backend });
  const prior = loadPrior(await (values.prior ? readFile(values.prior) : photo.load(priorFile(codes))));
  const coded: Coded[] = [];
  for (const one of await picturesOf(dataPath(), ['kodak'], values.limit ? Number(values.limit) : undefined)) {
    const picture = await readLarge(one);
    const [map] = await tokenizer.encode(picture, { rates: [{ codebookSizes: [codes] }] });
    coded.push({ picture, map: map! });
  }
  log(`${coded.length} photos in ${codes} codes`);
  const whole = mean(coded.map((one) => writeContainer(contentOf(one, prior, 1)).length));
  const items: BenchItem[] = [];
  for (const packets of values.numbers.split(',').map(Number)) {
    const contents = coded.map((one) => contentOf(one, prior, packets));
    const loss = lost === undefined || packets === 1 ? {} : await lossOf(coded, contents, lost, tokenizer, prior);
    items.push({ name: `${packets} packets`, ...rowOf(contents, whole), ...loss });
    log(items.at(-1)!.name);
  }
  for (const size of values.sizes.split(',').map(Number)) {
    const contents = coded.map((one) => fitPackets((packets) => contentOf(one, prior, packets), size));
    items.push({ name: `of ${size} bytes`, ...rowOf(contents, whole) });
    log(items.at(-1)!.name);
  }
  tokenizer.dispose();
  backend.dispose();
  return { machine: describeMachine(), items, summary: { photos: coded.length, codes, prior: prior.id } };
};

/** Parity against concealment. */
async function parityBenchmark(
  parity: readonly number[],
  { bpp, limit, threads }: Readonly<Record<'bpp', string> & Partial<Record<'limit' | 'threads', string>>>,
  log: (line: string) => void,
): Promise<BenchReport> {
  const backend = await onnx({ threads: threads === undefined ? undefined : Number(threads) });
  const codec = await createCodec(photo, { backend });
  const meter = await openMeter(backend);
  const names = await picturesOf(dataPath(), ['kodak'], limit ? Number(limit) : undefined);
  const pictures = await Promise.all(names.map(readLarge));
  const rest = { packets: 20, losses: [0.1, 0.2], targetBpp: Number(bpp), log };
  const items = await compareParity({ pictures, codec, meter, parity, ...rest });
  for (const one of [meter, codec, backend]) one.dispose();
  return { machine: describeMachine(), items, summary: { photos: pictures.length, bpp: Number(bpp) } };
}

function contentOf({ picture, map }: Coded, prior: Prior, packets: number): ContainerContent {
  const size = { width: picture.width, height: picture.height };
  return { ...size, modelId: new Uint8Array(4), indices: encodeIndices(map, { prior, packets }) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean bytes per photo, by what they are for. */
function rowOf(contents: readonly ContainerContent[], whole: number) {
  const accounts = contents.map((content) => accountBytes(writeContainer(content)));
  const bytes = mean(accounts.map(({ total }) => total));
  const largest = contents.map((content) => Math.max(0, ...splitContainer(content).packets.map((part) => part.length)));
  return {
    packets: mean(contents.map(({ indices }) => indices.packets.length)),
    bytes,
    'more than one, %': 100 * (bytes / whole - 1),
    indices: mean(accounts.map(({ payload }) => payload)),
    frames: mean(accounts.map(({ framing }) => framing)),
    header: mean(accounts.map(({ header }) => header)),
    largest: mean(largest),
  };
}

/** PSNR with all packets, and with a share of them lost, at least one. */
async function lossOf(
  coded: readonly Coded[],
  contents: readonly ContainerContent[],
  share: number,
  tokenizer: Tokenizer,
  prior: Prior,
) {
  const [before, after]: [number[], number[]] = [[], []];
  for (const [i, { picture, map }] of coded.entries()) {
    const { indices } = contents[i]!;
    const stream = random(i);
    const order = indices.packets.map((_, id) => ({ id, key: stream.next() })).sort((a, b) => a.key - b.key);
    const gone = new Set(order.slice(0, Math.max(1, Math.round(share * order.length))).map(({ id }) => id));
    const packets = indices.packets.map((packet, id) => (gone.has(id) ? undefined : packet));
    const decoded = decodeIndices({ ...indices, packets }, { prior });
    const grid = { ...map, modelId: photo.manifest.id };
    const filled = await concealLost(positionsOf(decoded).data, decoded.lost!, grid);
    before.push(psnr(picture, await tokenizer.decode(map)));
    after.push(psnr(picture, await tokenizer.decode({ ...map, planes: [filled] })));
  }
  return { 'PSNR, all': mean(before), 'PSNR, lost': mean(after), 'falls, dB': mean(before) - mean(after) };
}

export default benchmark;
