/**
 * What lost indices do to pictures: Kodak, 5 to 50 % of the indices lost one by one, with packets here and there, and with packets in a
 * row, filled in by neighbours and by a transformer; and by every other way where a fifth of the packets is lost. With `-o` a picture.
 *
 *   npm run bench -- conceal [--weights <folder or package>] [--codes 4096,256] [--limit 6] [--threads 1] [-o <picture.webp>]
 *
 * A method is measured on the same holes as the others. What came out: the README of the weights.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import type { Raster } from '@vqkit/images';
import { createTokenizer, type IndexMap } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import { dataPath } from '../../tooling/shared-data.ts';
import { describeMachine } from '../harness/machine.ts';
import { openPackage } from '../harness/open-package.ts';
import type { BenchItem, Benchmark } from '../harness/report.ts';
import { meanOf, openMeter, type Scores, scoresOf } from '../harness/scores.ts';
import { picturesOf, readLarge } from '../sr/pictures.ts';
import { lossOf, type Pattern, patterns } from './losses.ts';
import { openMethods } from './methods.ts';
import { drawStrips } from './strips.ts';

const options = {
  weights: { type: 'string', default: '@vqkit/weights-photo-transformer' },
  codes: { type: 'string', default: `${photo.manifest.codebookSizes.at(-1)},256` },
  limit: { type: 'string' },
  threads: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const;

/** Those that are measured everywhere. */
const mainMethods = ['neighbours', 'transformer', 'bound: the nearest other code'];

/** A photo, its map, and the scores of what is lost by coding alone. */
interface Coded {
  readonly picture: Raster;
  readonly map: IndexMap;
  readonly whole: Scores;
}

const benchmark: Benchmark = async ({ args, log }) => {
  const { values } = parseArgs({ args: [...args], options });
  const backend = await onnx({ threads: values.threads === undefined ? undefined : Number(values.threads) });
  const weights = await openPackage(values.weights);
  const tokenizer = await createTokenizer(photo, { backend });
  const { methods, dispose } = await openMethods({ backend, tokenizer, weights, modelId: photo.manifest.id });
  const meter = await openMeter(backend);
  const names = await picturesOf(dataPath(), ['kodak'], values.limit ? Number(values.limit) : undefined);
  const items: BenchItem[] = [];
  for (const codes of values.codes.split(',').map(Number)) {
    const coded: Coded[] = [];
    for (const name of names) {
      const picture = await readLarge(name);
      const [map] = await tokenizer.encode(picture, { rates: [{ codebookSizes: [codes] }] });
      coded.push({ picture, map: map!, whole: await scoresOf(picture, await tokenizer.decode(map!), meter) });
    }
    const nothing = meanOf(coded.map(({ whole }) => whole));
    items.push({ name: 'nothing lost', codes, pattern: '', 'lost, %': 0, ...nothing });
    for (const { pattern, share, method } of rowsFor([...methods.keys()])) {
      const results = [];
      for (const [i, { picture, map }] of coded.entries()) {
        const lost = lossOf(pattern, share, map.width, map.height, i + 1);
        const filled = await methods.get(method)!(map, lost);
        const holes = lost.reduce((sum, flag) => sum + flag, 0);
        const accuracy = filled.right === undefined ? Number.NaN : filled.right / holes;
        results.push({
          ...(await scoresOf(picture, filled.picture, meter)),
          accuracy,
          ms: filled.ms,
          holes: holes / lost.length,
        });
      }
      const { accuracy, holes, ms: _, ...scores } = meanOf(results);
      items.push({
        name: method,
        codes,
        pattern,
        'lost, %': 100 * holes!,
        ...(Number.isNaN(accuracy) ? {} : { 'right, %': 100 * accuracy! }),
        ...scores,
        'LPIPS rises, %': 100 * (scores.lpips / nothing.lpips - 1),
        'PSNR falls, dB': nothing.psnr - scores.psnr,
        'median ms': results.map(({ ms }) => ms).sort((a, b) => a - b)[results.length >> 1]!,
      });
      log(`${codes} codes, ${pattern}, ${share}: ${method}`);
    }
  }
  if (values.output !== undefined)
    await drawStrips(resolve(values.output), { tokenizer, methods, folder: dataPath('kodak') });
  for (const one of [meter, tokenizer, backend]) one.dispose();
  dispose();
  return { machine: describeMachine(), items, summary: { photos: names.length, weights: weights.manifest.id } };
};

/** All that is measured: everything by packets at a fifth, the main methods at the other shares and patterns. */
function rowsFor(methods: readonly string[]): { pattern: Pattern; share: number; method: string }[] {
  const shares: Readonly<Record<Pattern, readonly number[]>> = {
    scattered: [0.2, 0.5],
    packets: [0.05, 0.1, 0.2, 0.3, 0.5],
    burst: [0.1, 0.2, 0.3, 0.5],
  };
  return patterns.flatMap((pattern) =>
    shares[pattern].flatMap((share) =>
      methods
        .filter((method) => (pattern === 'packets' && share === 0.2) || mainMethods.includes(method))
        .map((method) => ({ pattern, share, method })),
    ),
  );
}

export default benchmark;
