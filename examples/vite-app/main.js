// Shows public/photo.vqk, which `npx vqkit encode photo.png -o public/photo.vqk --bpp 0.03` made.
import { createCodec } from '@vqkit/codec';
import { openBackend } from '@vqkit/core';
import * as photo from '@vqkit/weights-photo';

const loaders = { webgpu: () => import('@vqkit/backend-webgpu'), onnx: () => import('@vqkit/backend-onnx') };
const { backend } = await openBackend(loaders); // a GPU where there is one, else WebAssembly
const codec = await createCodec(photo, { backend });
const { image } = await codec.decode(await (await fetch('/photo.vqk')).blob(), { channels: 4 });
const canvas = document.querySelector('canvas');
[canvas.width, canvas.height] = [image.width, image.height];
canvas.getContext('2d').putImageData(new ImageData(image.data, image.width, image.height), 0, 0);
