/**
 * Does it pay to send fewer indices and let a transformer guess the others? Kodak, positions left out in a checkerboard, three of four, and
 * where guesses are the least wrong (the mask charged by its entropy), against all positions in fewer codes.
 *
 *   npm run bench -- leave-out [--weights <folder or package>] [--limit 6] [--threads 1]
 *
 * What is sent is charged as if the codec still had all positions as context, which is less than it can cost: what does not pay here pays nowhere.
 *
 * @see Xue et al. 2024 (UIGC), arXiv:2403.03736
 */
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import type { ConcealGrid } from '@vqkit/codec';
import { encodeIndices, loadPrior, positionBits } from '@vqkit/codec/bitstream';
import { loadIndexTransformer, transformerConceal } from '@vqkit/codec/transformer';
import { createTokenizer, type IndexMap, priorFile } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import { dataPath } from '../../tooling/shared-data.ts';
import { describeMachine } from '../harness/machine.ts';
import { openPackage } from '../harness/open-package.ts';
import type { Benchmark } from '../harness/report.ts';
import { meanOf, openMeter, type Scores, scoresOf } from '../harness/scores.ts';
import { picturesOf, readLarge } from '../sr/pictures.ts';
import { type Guessed, lattice, leastWrong, maskBits } from './masks.ts';

const options = {
  weights: { type: 'string', default: '@vqkit/weights-photo-transformer' },
  limit: { type: 'string' },
  threads: { type: 'string' },
} as const;

/** What was sent of a photo, and what came of it. */
interface Sent extends Scores {
  readonly bpp: number;
}

const benchmark: Benchmark = async ({ args, log }) => {
  const { values } = parseArgs({ args: [...args], options });
  const backend = await onnx({ threads: values.threads === undefined ? undefined : Number(values.threads) });
  const weights = await openPackage(values.weights);
  const tokenizer = await createTokenizer(photo, { backend });
  const conceal = await transformerConceal(weights, { backend });
  const { codebooks } = await loadIndexTransformer(weights);
  const meter = await openMeter(backend);
  const rates = [...photo.manifest.codebookSizes].reverse().slice(0, 5);
  const rows = new Map<string, Sent[]>();
  const names = await picturesOf(dataPath(), ['kodak'], values.limit ? Number(values.limit) : undefined);
  for (const name of names) {
    const picture = await readLarge(name);
    const pixels = picture.width * picture.height;
    const put = async (row: string, map: IndexMap, bits: number): Promise<void> => {
      const scores = await scoresOf(picture, await tokenizer.decode(map), meter);
      rows.set(row, [...(rows.get(row) ?? []), { bpp: bits / pixels, ...scores }]);
    };
    const maps = await tokenizer.encode(picture, { rates: rates.map((size) => ({ codebookSizes: [size] })) });
    for (const map of maps) {
      const bits = await bitsOf(map);
      await put(
        `all, ${map.codebookSizes[0]} codes`,
        map,
        sum(bits, () => true),
      );
    }
    const [full] = maps.filter(({ codebookSizes }) => codebookSizes[0] === rates[0]);
    const bits = await bitsOf(full!);
    const leave = async (row: string, mask: Uint8Array, more: number): Promise<IndexMap> => {
      const map = await filled(full!, mask);
      await put(row, map, more + sum(bits, (at) => mask[at] === 0));
      return map;
    };
    const { width, height } = full!;
    const board = lattice('checkerboard', width, height);
    const guessedMap = await leave('every other left out', board, 0);
    await leave('three of four left out', lattice('quarter', width, height), 0);
    const guessed = errorsOf(full!, guessedMap, board, codebooks[rates[0]!] as Codes);
    for (const share of [0.1, 0.25, 0.5]) {
      const mask = leastWrong(guessed, share, board.length);
      await leave(`${50 * share} % left out, guessed best`, mask, maskBits(guessed.length, share));
    }
    log(name.name);
  }
  for (const one of [conceal, meter, tokenizer, backend]) one.dispose();
  const items = [...rows].map(([name, sent]) => ({ name, ...meanOf(sent) }));
  return { machine: describeMachine(), items, summary: { photos: names.length, weights: weights.manifest.id } };

  async function bitsOf(map: IndexMap): Promise<Float32Array> {
    const prior = loadPrior(await photo.load(priorFile(map.codebookSizes[0]!)));
    return positionBits(encodeIndices(map, { prior }), { prior });
  }

  async function filled(map: IndexMap, mask: Uint8Array): Promise<IndexMap> {
    const { width, height, codebookSizes } = map;
    const grid: ConcealGrid = { width, height, codebookSizes, modelId: photo.manifest.id };
    const arrived = map.planes[0]!.map((index, at) => (mask[at] === 1 ? 0 : index));
    return { ...map, planes: [await conceal(arrived, mask, grid)] };
  }
};

type Codes = { readonly data: Float32Array; readonly shape: readonly number[] };

/** How far guesses are off, at the positions of a mask. */
function errorsOf(right: IndexMap, guess: IndexMap, mask: Uint8Array, { data, shape }: Codes): Guessed[] {
  const length = shape[1]!;
  const [a, b] = [right.planes[0]!, guess.planes[0]!];
  const error = (at: number): number =>
    Array.from({ length }, (_, d) => (data[a[at]! * length + d]! - data[b[at]! * length + d]!) ** 2).reduce(
      (x, y) => x + y,
      0,
    );
  return [...mask.keys()].filter((at) => mask[at] === 1).map((at) => ({ at, error: error(at) }));
}

function sum(bits: Float32Array, isCounted: (at: number) => boolean): number {
  return bits.reduce((total, value, at) => total + (isCounted(at) ? value : 0), 0);
}

export default benchmark;
