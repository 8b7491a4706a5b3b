/**
 * Crops of photos that are hard, at 2:1: the original, what each set of weights makes of the whole photo, and AVIF of the photo reduced by
 * whatever factor gives it the bytes of the first. The picture of a model card.
 *
 *   npm run bench -- crops [--weights <new>,<old>] [--bpp 0.04] [-o <picture.webp>] [--photos <folder>] [--threads 1]
 *
 * Weights are folders that `vqkit train` published, files of packages (`./src/index.ts`) or names of them; default: `@vqkit/weights-photo`.
 * How AVIF is chosen is told in `fair-avif.ts`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { type Codec, createCodec } from '@vqkit/codec';
import { readPicture } from '@vqkit/images/node';
import { dataPath } from '../../tooling/shared-data.ts';
import { describeMachine } from '../harness/machine.ts';
import { openPackage } from '../harness/open-package.ts';
import type { BenchItem, Benchmark } from '../harness/report.ts';
import { fairAvif } from './fair-avif.ts';
import { type Crop, type SheetRow, writeSheet } from './sheet.ts';

/** Of Kodak: two heads with eyes, two faces, windows and letters, and water, on which a weave shows. */
const crops: readonly Crop[] = [
  { photo: 'kodim23', left: 60, top: 160 },
  { photo: 'kodim23', left: 390, top: 100 },
  { photo: 'kodim04', left: 170, top: 298 },
  { photo: 'kodim15', left: 430, top: 110 },
  { photo: 'kodim08', left: 420, top: 190 },
  { photo: 'kodim16', left: 320, top: 290 },
];

const options = {
  weights: { type: 'string', default: '@vqkit/weights-photo' },
  bpp: { type: 'string', default: '0.04' },
  output: { type: 'string', short: 'o', default: 'out/crops.webp' },
  photos: { type: 'string', default: dataPath('kodak') },
  threads: { type: 'string' },
} as const;

const benchmark: Benchmark = async ({ args, log }) => {
  const { values } = parseArgs({ args: [...args], options });
  const { bpp, output, photos, threads } = values;
  const backend = await onnx({ threads: threads === undefined ? undefined : Number(threads) });
  const codecs: { readonly id: string; readonly codec: Codec }[] = [];
  for (const name of values.weights.split(',')) {
    const weights = await openPackage(name);
    codecs.push({ id: weights.manifest.id, codec: await createCodec(weights, { backend }) });
  }
  const made = new Map<string, SheetRow['versions']>();
  const items: BenchItem[] = [];
  for (const photo of new Set(crops.map((crop) => crop.photo))) {
    const original = await readPicture(await readFile(join(photos, `${photo}.png`)), { name: photo });
    const versions: SheetRow['versions'][number][] = [
      { picture: original, facts: `${photo}, ${original.width}×${original.height}` },
    ];
    let limit = Number.POSITIVE_INFINITY;
    for (const { id, codec } of codecs) {
      const bytes = await codec.encode(original, { targetBpp: Number(bpp) });
      const { image } = await codec.decode(bytes, { channels: 3 });
      if (versions.length === 1) limit = bytes.length;
      versions.push({ picture: image, facts: `${bytes.length.toLocaleString('en-US')} bytes` });
      items.push({ name: photo, coder: id, bytes: bytes.length });
    }
    const avif = await fairAvif(original, limit);
    if (avif) {
      const { bytes, factor, quality, picture } = avif;
      const how = `${factor === 1 ? 'whole' : `reduced to 1/${factor}`}, quality ${quality}`;
      versions.push({ picture, facts: `${bytes.toLocaleString('en-US')} bytes: ${how}` });
      items.push({ name: photo, coder: 'AVIF', bytes, factor, quality });
    }
    made.set(photo, versions);
    log(`${photo}: ${limit} bytes`);
  }
  const titles = ['Original', ...codecs.map(({ id }) => `vqkit, ${id}`), 'AVIF at the same bytes'];
  const rows = crops.map((crop) => ({ crop, versions: made.get(crop.photo)! }));
  await writeSheet(output, titles, rows);
  for (const { codec } of codecs) codec.dispose();
  backend.dispose();
  return { machine: describeMachine(), items, summary: { picture: output } };
};

export default benchmark;
