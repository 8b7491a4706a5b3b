/**
 * Makes the golden picture of published weights. `scripts/publish-weights.mjs` runs it when there are other weights; never run it to make a test pass:
 * `node --import ./scripts/lib/typescript.mjs packages/sr/src/testing/make-golden-sr.ts sr-x4`
 */
import { cpu } from '@vqkit/core';
import sharp from 'sharp';
import { createUpscaler } from '../upscaler.ts';
import { writeGolden } from './golden-sr.ts';

const name = process.argv[2]!;
const sample = new URL('../../../cli/samples/kodim23.png', import.meta.url);
const size = { width: 24, height: 18 };
// a parrot's eye, reduced four times
const crop = sharp(sample.pathname).extract({ left: 176, top: 104, width: 96, height: 72 });
const small = new Uint8Array(await crop.resize(size.width, size.height).removeAlpha().raw().toBuffer());
const backend = cpu();
const upscaler = await createUpscaler(await import(`@vqkit/weights-${name}`), { backend });
const { data } = await upscaler.upscale({ data: small, ...size });
await writeGolden(name, { ...size, small, large: new Uint8Array(data) });
upscaler.dispose();
