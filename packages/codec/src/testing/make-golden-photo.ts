/**
 * Makes the golden file of the published weights, and the one of examples/vite-app. `training/publish.mjs` of the weights runs it when
 * they get a new model id; never run it to make a test pass:
 * `node --import ./scripts/lib/typescript.mjs packages/codec/src/testing/make-golden-photo.ts`
 */
import { writeFile } from 'node:fs/promises';
import { onnx } from '@vqkit/backend-onnx';
import * as photo from '@vqkit/weights-photo';
import sharp from 'sharp';
import { hashLists } from '../bitstream/testing/golden.ts';
import { createCodec } from '../codec.ts';
import { type GoldenFacts, goldenUrls } from './golden-photo.ts';

const sample = new URL('../../../cli/samples/kodim23.png', import.meta.url);
const crop = { left: 64, top: 96, width: 200, height: 136 };

const { data } = await sharp(await sharp(sample.pathname).toBuffer())
  .extract(crop)
  .removeAlpha()
  .raw()
  .toBuffer({ resolveWithObject: true });
const backend = await onnx();
const codec = await createCodec(photo, { backend });
const bytes = await codec.encode(
  { data: new Uint8Array(data), width: crop.width, height: crop.height },
  { targetBpp: 0.05 },
);
const { planes, codebookSizes } = await codec.decodeToIndices(bytes);
const facts: GoldenFacts = {
  width: crop.width,
  height: crop.height,
  codebookSize: codebookSizes[0]!,
  indicesSha256: hashLists(planes),
};
// what examples/vite-app shows
const whole = await sharp(sample.pathname).raw().toBuffer();
const shown = await codec.encode({ data: whole, width: 768, height: 512 }, { targetBpp: 0.03 });
await writeFile(new URL('../../../../examples/vite-app/public/photo.vqk', import.meta.url), shown);
const golden = goldenUrls(photo.manifest.id);
await writeFile(golden.file, bytes);
await writeFile(golden.facts, `${JSON.stringify(facts, undefined, 2)}\n`);
codec.dispose();
backend.dispose();
