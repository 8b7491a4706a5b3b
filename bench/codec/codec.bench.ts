/**
 * How long the codec takes, with the published weights: a 768×512 photo and a 12-megapixel one made of it, after loading;
 * what a low rate costs beside the highest; and the most memory that the process used.
 */
import { readFile } from 'node:fs/promises';
import { createCodec, inspect } from '@vqkit/codec';
import * as photo from '@vqkit/weights-photo';
import sharp from 'sharp';
import { describeMachine } from '../harness/machine.ts';
import { openBenchBackend } from '../harness/open-backend.ts';
import type { BenchItem, Benchmark } from '../harness/report.ts';
import { median } from '../harness/statistics.ts';

/** kodim23 of the Kodak set. */
const sample = new URL('../../packages/cli/samples/kodim23.png', import.meta.url);

/** Sizes to measure, and how often. */
const sizes = [
  { name: '768×512', width: 768, height: 512, runs: 9 },
  { name: '4000×3000', width: 4000, height: 3000, runs: 3 },
] as const;

/** The longest of some waits from an abort to the end of the call, in milliseconds: at moments spread over `duration`. */
async function slowestStop(duration: number, call: (signal: AbortSignal) => Promise<unknown>): Promise<number> {
  let slowest = 0;
  for (const share of [0.05, 0.3, 0.55, 0.8]) {
    const controller = new AbortController();
    // The moment counts from which the timer is due, not when its turn comes.
    const at = performance.now() + share * duration;
    const timer = setTimeout(() => controller.abort(), share * duration);
    await call(controller.signal).catch(() => (slowest = Math.max(slowest, performance.now() - at)));
    clearTimeout(timer);
  }
  return slowest;
}

const codecBenchmark: Benchmark = async ({ args, log }) => {
  const original = await readFile(sample);
  const backend = await openBenchBackend(args, log);
  const started = performance.now();
  const codec = await createCodec(photo, { backend });
  const loadMilliseconds = performance.now() - started;
  const items: BenchItem[] = [];
  for (const { name, width, height, runs } of sizes) {
    log(`${name}: ${runs} runs`);
    const { data } = await sharp(original)
      .resize({ width, height, fit: 'fill' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const image = { data: new Uint8Array(data), width, height };
    const warmup = performance.now();
    await codec.warmup(width, height);
    const warmupMilliseconds = performance.now() - warmup;
    const times = { encode: [] as number[], low: [] as number[], decode: [] as number[] };
    let bytes = new Uint8Array(await codec.encode(image, { targetBpp: 0.04 }));
    for (let i = 0; i < runs; i++) {
      const start = performance.now();
      bytes = new Uint8Array(await codec.encode(image, { targetBpp: 0.04 }));
      const middle = performance.now();
      await codec.encode(image, { targetBpp: 0.012 });
      const decode = performance.now();
      await codec.decode(bytes);
      times.encode.push(middle - start);
      times.low.push(decode - middle);
      times.decode.push(performance.now() - decode);
    }
    const encodeStop = await slowestStop(median(times.encode), (signal) =>
      codec.encode(image, { targetBpp: 0.04, signal }),
    );
    const decodeStop = await slowestStop(median(times.decode), (signal) => codec.decode(bytes, { signal }));
    const { bpp, codebookSize } = inspect(bytes);
    const peakMegabytes = process.resourceUsage().maxRSS / 1000;
    items.push({
      name,
      encodeMilliseconds: median(times.encode),
      lowRateRatio: median(times.low) / median(times.encode),
      decodeMilliseconds: median(times.decode),
      warmupMilliseconds,
      encodeStopMilliseconds: encodeStop,
      decodeStopMilliseconds: decodeStop,
      bytes: bytes.length,
      bpp,
      codebookSize,
      peakMegabytes,
    });
  }
  codec.dispose();
  backend.dispose();
  return {
    machine: describeMachine(),
    items,
    summary: {
      backend: backend.name,
      loadMilliseconds,
      peakMegabytes: Math.max(...items.map(({ peakMegabytes }) => peakMegabytes as number)),
    },
  };
};

export default codecBenchmark;
