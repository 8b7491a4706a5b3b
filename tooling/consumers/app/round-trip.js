// What an application does with the codec: a photo to a file and back, on one of two backends.
import { createCodec } from '@vqkit/codec';
import { openBackend } from '@vqkit/core';
import * as photo from '@vqkit/weights-photo';

const [width, height] = [96, 64];

const loaders = {
  webgpu: async () => (await import('@vqkit/backend-webgpu')).webgpu(), // a software one will do here
  wasm: async () => (await import('@vqkit/backend-onnx')).onnx({ threads: 1 }),
};

export async function openCodec(name) {
  const { backend } = await openBackend({ [name]: loaders[name] });
  return createCodec(photo, { backend });
}

export async function roundTrip(codec) {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => 128 + 100 * Math.sin(i / 3 / width / 10 + (i % 3)),
  );
  const bytes = await codec.encode({ data, width, height }, { maxBytes: 80 });
  const { image } = await codec.decode(bytes);
  const error = await codec.decode(new Uint8Array(9)).catch(({ name, code }) => ({ name, code }));
  codec.dispose();
  const differences = Array.from(data, (value, i) => Math.abs(value - image.data[i]));
  return {
    file: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    difference: differences.reduce((sum, value) => sum + value, 0) / differences.length,
    code: error.code,
  };
}
