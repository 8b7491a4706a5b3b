/**
 * Our WebGPU kernels against tfjs-backend-webgpu, jax-js and onnxruntime's WebGPU provider, on one adapter, in one run,
 * in turns, with every result checked. A run counts until its whole result is in host memory.
 *
 * `npm run bench -- webgpu [--rounds 9] [--only text] [--without jax-js] [--peak-tflops 82.6] [--save file.json]`
 *
 * With `--peak-tflops`, the adapter's peak in float32, each rate is also given as a share of it. The summary's means are
 * over the rows: how many times faster we are than tfjs, and than the best of the others in each row. `--save` writes the
 * report; rows of the same adapter and machine that the file holds already and that were not measured now stay in it, so
 * that a slow machine can go through the rows in several calls with `--only`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { webgpu } from '@vqkit/backend-webgpu';
import { openNodeGpu, pretendBrowser } from '../../packages/backend-webgpu/conformance/lib/node-gpu.ts';
import { describeMachine, type Machine } from '../harness/machine.ts';
import { measureInterleaved } from '../harness/measure.ts';
import type { BenchItem, BenchOptions, BenchReport } from '../harness/report.ts';
import { geometricMean } from '../harness/statistics.ts';
import type { Contestant, Prepared } from './contestant.ts';
import { loadDecoder } from './decoder.ts';
import { allWork, type BenchResult, type BenchWork, checkResult, flopsOf, nameOf } from './items.ts';
import { jaxJs } from './jax.ts';
import { onnxruntime } from './onnxruntime.ts';
import { ours } from './ours.ts';
import { tfjs } from './tfjs.ts';

function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(`--${name}`);
  return at >= 0 ? args[at + 1] : undefined;
}

interface Entry {
  readonly contestant: Contestant;
  readonly prepared: Prepared;
}

/** Makes everybody ready for a row and checks their results; whoever cannot do it is left out, with a word why. */
async function enter(
  contestants: readonly Contestant[],
  work: BenchWork,
  log: (line: string) => void,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let decoded: BenchResult | undefined;
  for (const contestant of contestants) {
    try {
      const prepared = await contestant.prepare(work);
      if (prepared === undefined) continue;
      const result = await prepared.run();
      const arranged = prepared.arrange?.(result) ?? result;
      checkResult(contestant.name, work, arranged, decoded);
      if (work.kind === 'decode') decoded ??= arranged;
      entries.push({ contestant, prepared });
    } catch (error) {
      // Our own failure is a failure; another library's means that it sits this row out.
      if (contestant.name === 'vqkit') throw error;
      log(`  ${contestant.name} sits this one out: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
    }
  }
  return entries;
}

async function measure(
  work: BenchWork,
  entries: readonly Entry[],
  rounds: number,
  peakTflops: number | undefined,
  isEverybodyAsked: boolean,
): Promise<BenchItem> {
  // A second of work says more than many samples; short work is repeated.
  const candidates = entries.map(({ contestant, prepared }) => ({ name: contestant.name, run: prepared.run }));
  const isLong = work.kind === 'decode' || (work.kind === 'nearestCode' && work.vectors > 500_000);
  const timings = await measureInterleaved(candidates, {
    rounds: isLong ? Math.min(rounds, 3) : rounds,
    ...(isLong ? { warmUp: 0, minSampleMs: 0 } : { warmUp: 2 }),
  });
  const mine = timings.find(({ name }) => name === 'vqkit')!;
  const others = timings.filter(({ name }) => name !== 'vqkit');
  const flops = flopsOf(work);
  const rate = flops === undefined ? undefined : flops / mine.medianMs / 1e6;
  const memory = entries.find(({ contestant }) => contestant.name === 'vqkit')!.prepared.memory?.();
  // The best of a part of them is not the best.
  const best = others.length > 0 && isEverybodyAsked ? Math.min(...others.map(({ medianMs }) => medianMs)) : undefined;
  const tfjsMs = others.find(({ name }) => name === 'tfjs')?.medianMs;
  return {
    name: nameOf(work),
    ...Object.fromEntries(timings.map(({ name, medianMs }) => [`${name}Ms`, medianMs])),
    spread: mine.spread,
    ...(rate === undefined ? {} : { gigaflopsPerSecond: rate }),
    ...(rate === undefined || peakTflops === undefined ? {} : { percentOfPeak: rate / peakTflops / 10 }),
    ...(tfjsMs === undefined ? {} : { timesTfjs: tfjsMs / mine.medianMs }),
    ...(best === undefined ? {} : { timesBest: best / mine.medianMs }),
    ...(memory === undefined || work.kind !== 'nearestCode'
      ? {}
      : { memoryOverValues: memory.peakBytes / memory.valueBytes }),
  };
}

function summarize(items: readonly BenchItem[], adapter: string): BenchReport['summary'] {
  const ratios = (key: string): number[] => items.flatMap((item) => (typeof item[key] === 'number' ? [item[key]] : []));
  const [overTfjs, overBest] = [ratios('timesTfjs'), ratios('timesBest')];
  return {
    adapter,
    ...(overTfjs.length > 0 ? { geometricMeanVsTfjs: geometricMean(overTfjs) } : {}),
    ...(overBest.length > 0
      ? { geometricMeanVsBest: geometricMean(overBest), worstVsBest: Math.min(...overBest) }
      : {}),
  };
}

/** The report that a file holds already, if it is of this adapter and machine. */
function earlierReport(file: string, adapter: string, machine: Machine): BenchReport | undefined {
  if (!existsSync(file)) return undefined;
  const earlier = JSON.parse(readFileSync(file, 'utf8')) as BenchReport;
  const isSame = earlier.summary?.adapter === adapter && JSON.stringify(earlier.machine) === JSON.stringify(machine);
  return isSame ? earlier : undefined;
}

export default async function benchmark({ args, log }: BenchOptions): Promise<BenchReport> {
  const found = await openNodeGpu();
  if (found === undefined) throw new Error('no GPU adapter, not even a software one. Install a Vulkan driver.');
  pretendBrowser(found.gpu);
  const rounds = Number(option(args, 'rounds') ?? 9);
  const only = option(args, 'only') ?? '';
  const without = option(args, 'without')?.split(',') ?? [];
  const peak = option(args, 'peak-tflops');
  const { vendor, architecture, description } = found.info;
  const adapter = [vendor, architecture, description].join(' ').trim();
  log(`adapter: ${adapter}`);
  const backend = await webgpu({ gpu: found.gpu, maxIdleBytes: 2 ** 28 });
  const decoder = await loadDecoder();
  const makers: Record<Contestant['name'], () => Contestant | Promise<Contestant>> = {
    vqkit: () => ours(backend, decoder),
    tfjs: () => tfjs(decoder),
    'jax-js': () => jaxJs(),
    onnxruntime: () => onnxruntime(decoder),
  };
  const names = (Object.keys(makers) as Contestant['name'][]).filter((name) => !without.includes(name));
  const contestants: Contestant[] = [];
  for (const name of names) contestants.push(await makers[name]());
  const items: BenchItem[] = [];
  for (const work of allWork.filter((candidate) => nameOf(candidate).includes(only))) {
    log(nameOf(work));
    const entries = await enter(contestants, work, log);
    const peakTflops = peak === undefined ? undefined : Number(peak);
    items.push(await measure(work, entries, rounds, peakTflops, without.length === 0));
    for (const { prepared } of entries) prepared.dispose?.();
    log(JSON.stringify(items.at(-1)));
  }
  const machine = describeMachine();
  const file = option(args, 'save');
  const earlier = file === undefined ? undefined : earlierReport(file, adapter, machine);
  const known = [...items, ...(earlier?.items ?? [])];
  const rows = allWork.flatMap((work) => known.find(({ name }) => name === nameOf(work)) ?? []);
  const report = { ...earlier, machine, items: rows, summary: summarize(rows, adapter) };
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return report;
}
