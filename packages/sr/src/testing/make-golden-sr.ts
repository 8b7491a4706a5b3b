/**
 * Makes the golden picture of the published weights. `scripts/publish-weights.mjs` runs it when there are other weights; never run it to make a test pass:
 * `node --import ./scripts/lib/typescript.mjs packages/sr/src/testing/make-golden-sr.ts`
 */
import { cpu } from '@vqkit/core';
import * as sr from '@vqkit/weights-sr-x4';
import sharp from 'sharp';
import { createUpscaler } from '../upscaler.ts';
import { writeGolden } from './golden-sr.ts';

const sample = new URL('../../../cli/samples/kodim23.png', import.meta.url);
const size = { width: 24, height: 18 };
// a parrot's eye, reduced four times
const crop = sharp(sample.pathname).extract({ left: 176, top: 104, width: 96, height: 72 });
const small = new Uint8Array(await crop.resize(size.width, size.height).removeAlpha().raw().toBuffer());
const backend = cpu();
const upscaler = await createUpscaler(sr, { backend });
const { data } = await upscaler.upscale({ data: small, ...size });
await writeGolden({ ...size, small, large: new Uint8Array(data) });
upscaler.dispose();
