// Compresses a picture to less than 0.04 bits per pixel and restores it: ten lines with the published packages.
import { onnx } from '@vqkit/backend-onnx';
import { createCodec, inspect } from '@vqkit/codec';
import * as photo from '@vqkit/weights-photo';

const [width, height] = [256, 192];
const data = Uint8Array.from(
  { length: width * height * 3 },
  (_, i) => 128 + 100 * Math.sin(i / 3 / width / 20 + (i % 3)),
);
const backend = await onnx();
const codec = await createCodec(photo, { backend });
const bytes = await codec.encode({ data, width, height }, { targetBpp: 0.04 });
const { image } = await codec.decode(bytes);
console.log(`${bytes.length} bytes, ${inspect(bytes).bpp.toFixed(4)} bpp, ${image.width}×${image.height}`);
codec.dispose();
backend.dispose();
