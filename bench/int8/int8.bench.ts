/**
 * What filters of 8 bits cost: the Kodak photos coded with `@vqkit/weights-photo` and with its entry `/int8`, whole files, each decoded by
 * its own weights; files of the first also by the second, which is what the decoder alone costs. Beside that the share of indices
 * that the encoder chooses otherwise, in files of the same codebook.
 *
 *   npm run bench -- int8 [--bpp 0.04,0.02] [--lpips-weights <file>] [--limit 6] [--threads 1]
 */
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { type Codec, createCodec } from '@vqkit/codec';
import * as exact from '@vqkit/weights-photo';
import * as small from '@vqkit/weights-photo/int8';
import { setup } from '../../tooling/int8-weights.ts';
import { dataPath } from '../../tooling/shared-data.ts';
import { describeMachine } from '../harness/machine.ts';
import type { Benchmark } from '../harness/report.ts';
import { meanOf, openMeter, type Scores, scoresOf } from '../harness/scores.ts';
import { picturesOf, readLarge } from '../sr/pictures.ts';

const options = {
  bpp: { type: 'string', default: '0.04,0.02' },
  'lpips-weights': { type: 'string' },
  limit: { type: 'string' },
  threads: { type: 'string' },
} as const;

/** Who writes a file, and who reads it. */
const ways = [
  ['f16', 'f16'],
  ['f16', 'int8'],
  ['int8', 'int8'],
] as const;

/** A photo in one of the ways. */
type Row = Scores & { readonly bpp: number; readonly 'indices changed, %'?: number };

const benchmark: Benchmark = async ({ args, log }) => {
  const { values } = parseArgs({ args: [...args], options });
  await setup(); // where no build has made the file
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  const backend = await onnx({ threads: number(values.threads) });
  const meter = await openMeter(backend, values['lpips-weights']);
  const codecs = { f16: await createCodec(exact, { backend }), int8: await createCodec(small, { backend }) };
  const rates = values.bpp.split(',').map(Number);
  const rows = new Map(rates.flatMap((bpp) => ways.map((way): [string, Row[]] => [nameOf(bpp, way), []])));
  const pictures = await picturesOf(dataPath(), ['kodak'], number(values.limit));
  for (const one of pictures) {
    const picture = await readLarge(one);
    for (const targetBpp of rates) {
      const files = {
        f16: await codecs.f16.encode(picture, { targetBpp }),
        int8: await codecs.int8.encode(picture, { targetBpp }),
      };
      const changed = await changedShare(codecs, files);
      for (const way of ways) {
        const [writer, reader] = way;
        const { image } = await codecs[reader].decode(files[writer], { channels: 3 });
        rows.get(nameOf(targetBpp, way))!.push({
          bpp: (8 * files[writer].length) / (picture.width * picture.height),
          ...(await scoresOf(picture, image, meter)),
          ...(writer === 'int8' && changed !== undefined && { 'indices changed, %': 100 * changed }),
        });
      }
    }
    log(one.name);
  }
  for (const each of [codecs.f16, codecs.int8, meter, backend]) each.dispose();
  const megabytes = (bytes: number): number => Number((bytes / 1e6).toFixed(2));
  return {
    machine: describeMachine(),
    items: [...rows].map(([name, own]) => ({ name, ...meanOf(own) })),
    summary: {
      photos: pictures.length,
      'f16, MB': megabytes(exact.files['weights.safetensors'].bytes),
      'int8, MB': megabytes(small.files['weights-int8.safetensors'].bytes),
    },
  };
};

const nameOf = (bpp: number, [writer, reader]: (typeof ways)[number]): string =>
  `at most ${bpp} bpp, written by ${writer}, read by ${reader}`;

/** The share of positions with another index; undefined where the files have different codebooks. */
async function changedShare(
  codecs: Readonly<Record<'f16' | 'int8', Codec>>,
  files: Readonly<Record<'f16' | 'int8', Uint8Array>>,
): Promise<number | undefined> {
  const [a, b] = [await codecs.f16.decodeToIndices(files.f16), await codecs.int8.decodeToIndices(files.int8)];
  if (a.codebookSizes.join() !== b.codebookSizes.join()) return undefined;
  const [own, other] = [a.planes[0]!, b.planes[0]!];
  return own.reduce((count, index, i) => count + Number(index !== other[i]), 0) / own.length;
}

export default benchmark;
