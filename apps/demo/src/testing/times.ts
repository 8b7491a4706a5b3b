/**
 * Times of the built page in headless Chromium, from file to pixels, for a 768×512 photo: `npm run demo -- times [places …]`.
 *
 * What is first in a page loads engine and weights, which are kept, and compiles; what comes after is the median of five.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Demo, type GivenFile, openDemo, type Visit } from './demo.ts';

/** Where to measure. */
const places: Readonly<Record<string, (visit: Visit) => Promise<void>>> = {
  'WebAssembly, 1 thread': (visit) => visit.threads(1),
  'WebAssembly, 2 threads': (visit) => visit.threads(2),
  'WebGPU, in software': (visit) => visit.place('WebGPU'),
};

const columns = ['open', 'encode', 'decode'] as const;

type Times = Readonly<Record<string, number>>;

/** Milliseconds of a fact such as `310 ms` or `1.24 s`. */
async function millisecondsOf({ fact }: Visit, name: string): Promise<number> {
  const text = await fact(name);
  return Number.parseFloat(text) * (text.endsWith('ms') ? 1 : 1000);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Opens a file again and again. */
async function timesOf(
  visit: Visit,
  file: GivenFile,
  names: readonly string[],
): Promise<{ first: Times; later: Times }> {
  const runs: Times[] = [];
  for (let run = 0; run < 6; run++) {
    const start = performance.now();
    await visit.choose(file);
    const total = performance.now() - start;
    const times = names.map(async (name) => [name, await millisecondsOf(visit, name)] as const);
    runs.push({ ...Object.fromEntries(await Promise.all(times)), total });
  }
  const [first, ...others] = runs as [Times, ...Times[]];
  const later = Object.keys(first).map((name) => [name, median(others.map((run) => run[name]!))]);
  return { first, later: Object.fromEntries(later) };
}

async function measure(
  demo: Demo,
  choose: (visit: Visit) => Promise<void>,
  photo: GivenFile,
): Promise<readonly string[]> {
  const visit = await demo.visit();
  await choose(visit);
  const { first, later } = await timesOf(visit, photo, columns);
  const file = { name: 'photo.vqk', mimeType: '', buffer: Buffer.from(await visit.save()) };
  await visit.page.reload();
  await choose(visit);
  const opened = await timesOf(visit, file, ['decode']);
  await visit.context.close();
  const seconds = (ms: number | undefined): string => `${(ms! / 1000).toFixed(2)} s`;
  return [
    ...columns.map((name) => `${seconds(first[name])}, then ${seconds(later[name])}`),
    `${seconds(opened.first.decode)}, then ${seconds(opened.later.decode)}`,
  ];
}

const wanted = process.argv.slice(2);
const path = fileURLToPath(new URL('../../samples/parrots.jpg', import.meta.url));
const photo = { name: 'parrots.jpg', mimeType: 'image/jpeg', buffer: readFileSync(path) };
const demo = await openDemo();
try {
  process.stdout.write('| where | open | encode | decode | decode a `.vqk` in a fresh page |\n|---|---|---|---|---|\n');
  for (const [title, choose] of Object.entries(places)) {
    if (wanted.length > 0 && !wanted.some((word) => title.includes(word))) continue;
    process.stdout.write(`| ${[title, ...(await measure(demo, choose, photo))].join(' | ')} |\n`);
  }
} finally {
  await demo.close();
}
