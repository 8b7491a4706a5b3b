/**
 * Shows what the published weights make of pictures that are no photographs, for their model card: each drawing beside what comes back.
 * `node --import ./scripts/lib/typescript.mjs packages/codec/src/testing/make-drawings.ts packages/weights/photo/drawings.webp`
 */
import { onnx } from '@vqkit/backend-onnx';
import { imageSheet } from '@vqkit/images';
import * as photo from '@vqkit/weights-photo';
import sharp from 'sharp';
import { createCodec } from '../codec.ts';
import { drawings } from './drawings.ts';

const [output = 'drawings.webp'] = process.argv.slice(2);
const backend = await onnx();
const codec = await createCodec(photo, { backend });
const pictures = [];
for (const draw of Object.values(drawings)) {
  const original = draw();
  const { image } = await codec.decode(await codec.encode(original), { channels: 3 });
  pictures.push(original, { ...image, data: new Uint8Array(image.data) });
}
const { data, width, height } = imageSheet(pictures, { columns: 6 });
await sharp(data, { raw: { width, height, channels: 3 } })
  .webp({ quality: 85 })
  .toFile(output);
codec.dispose();
backend.dispose();
