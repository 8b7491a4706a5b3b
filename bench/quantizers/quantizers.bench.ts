/**
 * All quantizers at 12 bits for a vector of 16 values, on a synthetic and a real feature set: what they lose, what of
 * their codes they use, what they cost.
 *
 * `npm run bench -- quantizers [--steps 1500] [--batch 2048] [--backend onnx] [--json]`
 */
import { quantizerCost } from '@vqkit/core/codebook';
import { describeMachine } from '../harness/machine.ts';
import { measureInterleaved } from '../harness/measure.ts';
import { openBenchBackend } from '../harness/open-backend.ts';
import type { BenchItem, BenchOptions, BenchReport } from '../harness/report.ts';
import { compareQuantizer } from './compare.ts';
import { type FeatureSet, photoFeatures, syntheticFeatures } from './features.ts';
import { comparedQuantizers } from './rows.ts';

function option(args: readonly string[], name: string, fallback: number): number {
  const at = args.indexOf(`--${name}`);
  return at >= 0 ? Number(args[at + 1]) : fallback;
}

export default async function benchmark({ args, log }: BenchOptions): Promise<BenchReport> {
  const [steps, batch, seed] = [option(args, 'steps', 1500), option(args, 'batch', 2048), option(args, 'seed', 1)];
  const backend = await openBenchBackend(args, log);
  const real = await photoFeatures(60_000, 20_000);
  if (real === undefined) log('photographs not found: only the synthetic features are measured');
  const sets: FeatureSet[] = [syntheticFeatures(60_000, 20_000), ...(real ? [real] : [])];
  const items: BenchItem[] = [];
  for (const features of sets) {
    const runs: Awaited<ReturnType<typeof compareQuantizer>>[] = [];
    for (const row of comparedQuantizers) {
      runs.push(await compareQuantizer(row, features, { backend, steps, batch, seed }));
      log(`${features.name}: ${row.name}, ${runs.at(-1)!.comparison.snrDb.toFixed(2)} dB`);
    }
    const timings = await measureInterleaved(
      comparedQuantizers.map(({ name }, i) => ({ name, run: runs[i]!.encode })),
      { rounds: 7 },
    );
    comparedQuantizers.forEach(({ name, quantizer, atUse = quantizer }, i) => {
      const { floats, encodeProducts: multiplications } = quantizerCost(atUse, { height: 1, width: 1 });
      const { snrDb, usage, perplexity, entropyBits } = runs[i]!.comparison;
      items.push({
        name,
        features: features.name,
        bits: quantizer.bitsPerPosition,
        floats,
        multiplications,
        nanosecondsPerVector: (timings[i]!.medianMs * 1e6) / 4096,
        snrDb,
        usagePercent: 100 * usage,
        perplexity,
        entropyBits,
      });
      runs[i]!.dispose();
    });
  }
  backend.dispose();
  return { machine: describeMachine(), items, summary: { steps, batch, seed, backend: backend.name } };
}
