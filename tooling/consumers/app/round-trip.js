// What an application does with the codec: a photo to a file and back, on one of two backends.
import { createCodec } from '@vqkit/codec';
import * as photo from '@vqkit/weights-photo';

const [width, height] = [96, 64];

async function openBackend(name) {
  if (name === 'webgpu') return (await import('@vqkit/backend-webgpu')).webgpu();
  return (await import('@vqkit/backend-onnx/web')).onnx({ threads: 1 });
}

export async function roundTrip(name) {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => 128 + 100 * Math.sin(i / 3 / width / 10 + (i % 3)),
  );
  const backend = await openBackend(name);
  const codec = await createCodec(photo, { backend });
  const bytes = await codec.encode({ data, width, height }, { maxBytes: 80 });
  const { image } = await codec.decode(bytes);
  const differences = Array.from(data, (value, i) => Math.abs(value - image.data[i]));
  codec.dispose();
  backend.dispose();
  return {
    file: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    difference: differences.reduce((sum, value) => sum + value, 0) / differences.length,
  };
}
