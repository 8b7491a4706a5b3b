/**
 * What a file costs whose beginning shows a picture, and what that picture is like: Kodak in packets, which are files as they are; and in
 * orders that are only measured (`orders.ts`): every other position first, and coarse codes first.
 *
 *   npm run bench -- progressive [--codes 4096] [--coarse 256] [--packets 2,3,4,8] [--train 120] [--limit 6] [--shown 3] [--threads 1]
 *
 * Packets: bytes of whole files, with the published prior, over those of one packet. Orders: header, and information under the format's
 * context mixer with its network, over the same in rows; all learned alike from `--train` photographs, so that the orders are compared
 * with each other and not with a prior that has seen more. What a prefix lacks is copied from neighbours (`concealLost`); with `--shown`
 * only so many of the photos are restored, which takes most of the time, and bytes are those of all.
 */
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { accountBytes, encodeIndices, loadPrior, type Prior, writeContainer } from '@vqkit/codec/bitstream';
import type { Raster } from '@vqkit/images';
import { createTokenizer, type IndexMap, modelIdOf, priorFile } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import { dataPath } from '../../tooling/shared-data.ts';
import { describeMachine } from '../harness/machine.ts';
import type { BenchItem, Benchmark } from '../harness/report.ts';
import { openMeter, type Scores, scoresOf } from '../harness/scores.ts';
import { picturesOf, readLarge } from '../sr/pictures.ts';
import { booksOf, leavesOf, nestingOf, trainingMaps } from './data.ts';
import { orders, planes } from './orders.ts';
import { arrivedBy, filledUp, mapOfPrefix } from './prefixes.ts';
import { trainStage } from './stage-model.ts';

const options = {
  codes: { type: 'string', default: `${photo.manifest.codebookSizes.at(-1)}` },
  coarse: { type: 'string', default: '256' },
  packets: { type: 'string', default: '2,3,4,8' },
  train: { type: 'string', default: '120' },
  limit: { type: 'string' },
  shown: { type: 'string' },
  threads: { type: 'string' },
} as const;

/** Parts of a file that are looked at. */
const shares = [0.25, 0.5, 0.75] as const;

/** A photo in one way: its bytes, and what a prefix of so many of them decodes to. */
interface Way {
  readonly bytes: number;
  readonly mapAt: (bytes: number) => Promise<IndexMap | undefined>;
}

const benchmark: Benchmark = async ({ args, log }) => {
  const { values } = parseArgs({ args: [...args], options });
  const [codes, coarse, train] = [values.codes, values.coarse, values.train].map(Number) as [number, number, number];
  const backend = await onnx({ threads: values.threads === undefined ? undefined : Number(values.threads) });
  const tokenizer = await createTokenizer(photo, { backend });
  const meter = await openMeter(backend);
  const load = async (size: number): Promise<Prior> => loadPrior(await photo.load(priorFile(size)));
  const priors = [await load(codes), await load(coarse)] as const;
  const pictures: Raster[] = [];
  const maps: IndexMap[] = [];
  for (const one of await picturesOf(dataPath(), ['kodak'], values.limit ? Number(values.limit) : undefined)) {
    pictures.push(await readLarge(one));
    maps.push((await tokenizer.encode(pictures.at(-1)!, { rates: [{ codebookSizes: [codes] }] }))[0]!);
  }

  const shown = Math.min(maps.length, values.shown ? Number(values.shown) : maps.length);

  /** Mean scores of what prefixes show; photos of which nothing is there yet are counted, and left out. */
  const rowOf = async (name: string, ways: readonly Way[], whole: number): Promise<BenchItem> => {
    const bytes = mean(ways.map((way) => way.bytes));
    const row: Record<string, number> = { bytes, 'more, %': 100 * (bytes / whole - 1) };
    for (const share of shares) {
      const scores: Scores[] = [];
      for (const [i, way] of ways.slice(0, shown).entries()) {
        const map = await way.mapAt(share * way.bytes);
        if (map) scores.push(await score(pictures[i]!, map));
      }
      const percent = `${100 * share} %`;
      row[`photos ${percent}`] = scores.length;
      if (scores.length === 0) continue;
      row[`PSNR ${percent}`] = mean(scores.map(({ psnr }) => psnr));
      row[`LPIPS ${percent}`] = mean(scores.map(({ lpips }) => lpips));
    }
    log(`${name}: ${JSON.stringify(row)}`);
    return { name, ...row };
  };
  const score = async (picture: Raster, map: IndexMap): Promise<Scores> =>
    scoresOf(picture, await tokenizer.decode(map), meter);

  const fileOf = (i: number, packets: number): Uint8Array => {
    const { width, height } = pictures[i]!;
    const indices = encodeIndices(maps[i]!, { prior: priors[0], packets });
    return writeContainer({ width, height, modelId: modelIdOf(photo.manifest), indices });
  };
  const single = maps.map((_, i) => fileOf(i, 1));
  const items: BenchItem[] = [];
  for (const packets of values.packets.split(',').map(Number)) {
    const ways = maps.map((_, i): Way => {
      const file = fileOf(i, packets);
      return { bytes: file.length, mapAt: (bytes) => mapOfPrefix(file.subarray(0, bytes), priors[0]) };
    });
    items.push(await rowOf(`${packets} packets`, ways, mean(single.map((file) => file.length))));
  }

  const nesting = nestingOf(tokenizer, codes, coarse);
  const books = booksOf(nesting, priors);
  const examples = await trainingMaps(tokenizer, dataPath('train-photos'), { count: train, codes });
  log(`${examples.length} maps to learn from`);
  const leaves = examples.map((map) => leavesOf(map, nesting, priors));
  let inRows: number | undefined;
  for (const [name, stages] of Object.entries(orders)) {
    const costs = stages.map((stage) => ({ stage, costOf: trainStage(stage, leaves, books) }));
    const ways = maps.map((map, i): Way => {
      const coded = costs.map(({ stage, costOf }) => ({ stage, bits: costOf(leavesOf(map, nesting, priors)) }));
      const bits = coded.flatMap((part) => [...part.bits]).reduce((a, b) => a + b, 0);
      const account = accountBytes(single[i]!);
      const header = account.total - account.payload;
      const mapAt = (bytes: number): Promise<IndexMap | undefined> => {
        // The last position ends where rounding may have it a hair later.
        const arrived = arrivedBy(coded, map, bytes - header + 1e-6);
        const seen = map.planes[0]!.map((index, at) =>
          arrived[planes.fine]![at] ? index : nesting.standInOf[nesting.parentOf[index]!]!,
        );
        const lost = seen.map((_, at) => (arrived[planes.fine]![at] || arrived[planes.coarse]![at] ? 0 : 1));
        return filledUp({ ...map, planes: [seen] }, Uint8Array.from(lost));
      };
      return { bytes: header + bits / 8, mapAt };
    });
    inRows ??= mean(ways.map(({ bytes }) => bytes));
    items.push(await rowOf(name, ways, inRows));
  }
  const whole = await Promise.all(maps.slice(0, shown).map((map, i) => score(pictures[i]!, map)));
  for (const one of [meter, tokenizer, backend]) one.dispose();
  const summary = {
    photos: pictures.length,
    shown,
    codes,
    coarse,
    'one packet, bytes': mean(single.map((file) => file.length)),
    'PSNR, whole': mean(whole.map(({ psnr }) => psnr)),
    'LPIPS, whole': mean(whole.map(({ lpips }) => lpips)),
    'learned from': examples.length,
  };
  return { machine: describeMachine(), items, summary };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export default benchmark;
