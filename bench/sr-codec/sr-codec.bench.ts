/**
 * The codec with super-resolution and without it, at the same bytes: each Kodak photo at half its size, coded and enlarged ×2,
 * against the photo coded whole in at most as many bytes.
 *
 *   npm run bench -- sr-codec [--sr-weights <folder>] [--codes 2048,1024] [--limit 2] [--threads 1]
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { createCodec } from '@vqkit/codec';
import { createUpscaler } from '@vqkit/sr';
import { openWeights } from '@vqkit/tokenizer/node';
import { quantizers } from '@vqkit/training';
import * as photo from '@vqkit/weights-photo';
import * as sr from '@vqkit/weights-sr-x4';
import { dataPath } from '../../tooling/shared-data.ts';
import { describeMachine } from '../harness/machine.ts';
import type { BenchItem, Benchmark } from '../harness/report.ts';
import { openMeter } from '../harness/scores.ts';
import { picturesOf, readLarge } from '../sr/pictures.ts';
import { type CodedScores, compareHalfSize, type HalfSizeResult } from './half-size.ts';

const options = {
  'sr-weights': { type: 'string' },
  codes: { type: 'string', default: photo.manifest.codebookSizes.slice(-2).join() },
  limit: { type: 'string' },
  threads: { type: 'string' },
} as const;

const ways = ['fullSize', 'superResolution', 'bicubic'] as const;
const scoreNames = ['lpips', 'msSsim', 'psnr'] as const;

const benchmark: Benchmark = async ({ args, log }) => {
  const { values } = parseArgs({ args: [...args], options });
  const { 'sr-weights': srWeights, codes, limit, threads } = values;
  const backend = await onnx({ threads: threads === undefined ? undefined : Number(threads) });
  const tools = {
    codec: await createCodec(photo, { backend }),
    upscaler: await createUpscaler(srWeights === undefined ? sr : await openWeights(resolve(srWeights)), {
      backend,
      quantizers,
    }),
    meter: await openMeter(backend),
  };
  const pictures = await picturesOf(dataPath(), ['kodak'], limit === undefined ? undefined : Number(limit));
  const items: BenchItem[] = [];
  for (const codebookSize of codes.split(',').map(Number)) {
    const results: HalfSizeResult[] = [];
    for (const picture of pictures) {
      results.push(await compareHalfSize(await readLarge(picture), codebookSize, tools));
      log(`${codebookSize} codes: ${picture.name}`);
    }
    // Means over the same photos: those that the codec can code whole in so few bytes.
    const both = results.filter(({ fullSize }) => fullSize !== undefined);
    items.push(...ways.map((way) => ({ ...rowOf(way, both), halfSizeCodes: codebookSize })));
  }
  for (const tool of Object.values(tools)) tool.dispose();
  backend.dispose();
  const summary = { photos: pictures.length, 'photos in the table': items.map(({ photos }) => photos!) };
  return { machine: describeMachine(), items, summary };
};

function rowOf(way: (typeof ways)[number], results: readonly HalfSizeResult[]): BenchItem {
  const mean = (of: (scores: CodedScores, result: HalfSizeResult) => number): number =>
    results.reduce((sum, result) => sum + of(result[way]!, result), 0) / results.length;
  const scores = scoreNames.map((name) => [name, mean((own) => own[name])] as const);
  const bpp = mean(({ bytes }, { pixels }) => (8 * bytes) / pixels);
  return { name: way, photos: results.length, bpp, ...Object.fromEntries(scores) };
}

export default benchmark;
