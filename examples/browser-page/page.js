// Compresses a photo on the GPU and restores it, all in this page: nothing is uploaded anywhere.
import { webgpu } from '@vqkit/backend-webgpu';
import { createCodec, inspect } from '@vqkit/codec';
import * as photo from '@vqkit/weights-photo';

const element = (id) => document.getElementById(id);
const [status, drop, file, figure, facts] = ['status', 'drop', 'file', 'figure', 'facts'].map(element);
const [original, restored, divider, rate, codes] = ['original', 'restored', 'divider', 'rate', 'codes'].map(element);
const sizes = photo.manifest.codebookSizes;

/** A picture file's pixels, RGBA. */
async function pixelsOf(blob) {
  const bitmap = await createImageBitmap(blob);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** Shows RGBA samples. */
function show(canvas, { data, width, height }) {
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext('2d').putImageData(new ImageData(data, width, height), 0, 0);
}

const time = (milliseconds) =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

/** Restores a file, shows it and says what it costs. */
async function open(codec, bytes, name, encodeMs) {
  const start = performance.now();
  const { image } = await codec.decode(bytes, { channels: 4 });
  const decodeMs = performance.now() - start;
  const { bpp, codebookSize, width, height } = inspect(bytes);
  show(restored, image);
  figure.classList.toggle('alone', encodeMs === undefined);
  figure.hidden = false;
  [rate.value, codes.value] = [sizes.indexOf(codebookSize), codebookSize];
  facts.value = [
    `${width} × ${height}`,
    `${bytes.length.toLocaleString('en')} bytes`,
    `${bpp.toFixed(4)} bpp`,
    ...(encodeMs === undefined ? [] : [`encoded in ${time(encodeMs)}`]),
    `decoded in ${time(decodeMs)}`,
  ].join(' · ');
  URL.revokeObjectURL(element('download').href);
  element('download').href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  element('download').download = `${name.replace(/\.\w+$/, '')}.vqk`;
}

const backend = await webgpu().catch((error) => error);
if (backend instanceof Error) {
  status.textContent = `This browser gives no WebGPU: ${backend.message}`;
  throw backend;
}
const codec = await createCodec(photo, { backend });
const { vendor, architecture, description } = backend.info;
const ready = `Ready on ${description || [vendor, architecture].join(' ')}. Pictures stay in this page.`;
let picture; // the photo that is shown, if there is one: { name, pixels }
let isBusy = false;

/** Does one thing at a time, and tells people what. */
async function busy(what, work) {
  if (isBusy) return;
  isBusy = true;
  status.textContent = what;
  file.disabled = rate.disabled = true;
  try {
    await work();
    status.textContent = ready;
  } catch (error) {
    status.textContent = `${error.message}${error.fix ? `. ${error.fix}` : ''}`;
  }
  isBusy = file.disabled = false;
  status.dataset.finished = Number(status.dataset.finished ?? 0) + 1;
  rate.disabled = picture === undefined;
}

/** Compresses the photo that is shown. */
async function compress() {
  const start = performance.now();
  const bytes = await codec.encode(picture.pixels, { codebookSize: sizes[rate.value] });
  await open(codec, bytes, picture.name, performance.now() - start);
}

const take = (blob) =>
  busy(`Working on ${blob.name} …`, async () => {
    if (blob.name.endsWith('.vqk')) {
      picture = undefined;
      return open(codec, new Uint8Array(await blob.arrayBuffer()), blob.name);
    }
    picture = { name: blob.name, pixels: await pixelsOf(blob) };
    show(original, picture.pixels);
    return compress();
  });

file.onchange = () => file.files[0] && take(file.files[0]);
drop.ondragover = (event) => {
  event.preventDefault();
  drop.classList.add('over');
};
drop.ondragleave = () => drop.classList.remove('over');
drop.ondrop = (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
};
rate.oninput = () => {
  codes.value = sizes[rate.value];
};
rate.onchange = () => busy('Working …', compress);
divider.oninput = () => divider.parentElement.style.setProperty('--at', `${divider.value}%`);
file.disabled = false;
status.textContent = ready;
