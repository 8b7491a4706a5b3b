/**
 * Makes the golden files: `npx tsx packages/codec/src/bitstream/testing/make-fixtures.ts`.
 *
 * Golden files are the promise that old files stay readable. Files that exist are left as they are; the script only adds
 * what is missing, and records the hashes of the indices that went in, not of those that a decoder returns.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeAlpha } from '../alpha/alpha.ts';
import { type ContainerContent, writeContainer } from '../container/write-container.ts';
import { type EncodeIndicesOptions, encodeIndices } from '../encode-indices.ts';
import type { IndexMap } from '../index-map.ts';
import { loadPrior } from '../prior/load-prior.ts';
import { trainPrior } from '../training/train-prior.ts';
import { type GoldenFile, hashLists } from './golden.ts';
import { syntheticMap } from './synthetic-maps.ts';

const folder = new URL('../fixtures/', import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, folder));

if (!existsSync(pathOf('golden-64.vqp'))) {
  const maps = Array.from({ length: 40 }, (_, seed) =>
    syntheticMap({ width: 20, height: 13, codebookSizes: [64], seed }),
  );
  const orders = [Uint16Array.from({ length: 64 }, (_, i) => (i * 37) % 64)];
  writeFileSync(
    pathOf('golden-64.vqp'),
    await trainPrior(maps, { orders, network: { embedding: 4, hidden: 8, epochs: 2 } }),
  );
}
const prior = loadPrior(readFileSync(pathOf('golden-64.vqp')));

const listPath = pathOf('golden.json');
const golden: GoldenFile[] = existsSync(listPath) ? JSON.parse(readFileSync(listPath, 'utf8')) : [];

/** Adds one file to the folder and to the list. */
function add(
  name: string,
  map: IndexMap,
  options: EncodeIndicesOptions,
  content: Partial<ContainerContent> = {},
  alpha?: Uint8Array,
): void {
  const file = `${name}.vqk`;
  if (golden.some((known) => known.file === file)) return;
  const indices = encodeIndices(map, options);
  const size = { width: map.width * 16 - 3, height: map.height * 16 };
  const bytes = writeContainer({ ...size, modelId: Uint8Array.of(0x67, 0x6f, 0x6c, 0x64), indices, ...content });
  writeFileSync(pathOf(file), bytes);
  const fileHash = createHash('sha256').update(bytes).digest('hex');
  golden.push({ file, fileHash, indicesHash: hashLists(map.planes), alphaHash: alpha && hashLists([alpha]) });
}

const map = syntheticMap({ width: 20, height: 13, codebookSizes: [64], seed: 100 });
const planes = syntheticMap({ width: 11, height: 7, codebookSizes: [16, 1, 300], seed: 103 });
const thousand = syntheticMap({ width: 20, height: 13, codebookSizes: [1000], seed: 101 });
add('uniform', thousand, { mode: 'uniform' });
add('adaptive', syntheticMap({ width: 64, height: 64, codebookSizes: [5], seed: 102 }), { mode: 'adaptive' });
add('static-prior', map, { mode: 'static', prior });
add('mixing', thousand, { mode: 'mixing' });
add('mixing-prior', map, { mode: 'mixing', prior });
add('planes', planes, { mode: 'mixing' });
add('huge-codebook', syntheticMap({ width: 9, height: 9, codebookSizes: [2 ** 18], seed: 104, noise: 1 }), {
  mode: 'uniform',
});
add('one-pixel', { width: 1, height: 1, codebookSizes: [1], planes: [[0]] }, {}, { width: 1, height: 1 });
const alpha = Uint8Array.from({ length: 40 * 30 }, (_, i) =>
  Math.max(0, Math.min(255, 500 - 30 * Math.hypot((i % 40) - 20, Math.floor(i / 40) - 15))),
);
const rich = {
  width: 40,
  height: 30,
  alpha: encodeAlpha(alpha, 40, 30),
  isGrey: true,
  orientation: 6,
  modelName: 'golden',
};
const more = { tiles: { width: 8, height: 8, overlap: 2 }, metadata: new TextEncoder().encode('{"a":1}') };
add(
  'packets-alpha',
  map,
  { mode: 'mixing', prior, packets: 5 },
  { ...rich, ...more, modelId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
  alpha,
);
// Packets in the first form, which nothing writes any more: positions dealt one by one, frames with a marker.
add('lattice-uniform', thousand, { mode: 'uniform', packets: 7 });
add('lattice-static', map, { mode: 'static', prior, packets: 3 });
add('lattice-mixing', thousand, { mode: 'mixing', packets: 20 }, { parity: 2 });
add('lattice-planes', planes, { mode: 'mixing', packets: 13 }, { parity: 1 });
add('lattice-adaptive', syntheticMap({ width: 64, height: 64, codebookSizes: [5], seed: 102 }), {
  mode: 'adaptive',
  packets: 100,
});
// Packets as they are written today: blocks of positions, short frames.
add('blocks-uniform', thousand, { mode: 'uniform', packets: 7 });
add('blocks-static', map, { mode: 'static', prior, packets: 3 });
add('blocks-mixing', thousand, { mode: 'mixing', packets: 20 }, { parity: 2 });
add('blocks-prior', map, { mode: 'mixing', prior, packets: 64 });
add('blocks-planes', planes, { mode: 'mixing', packets: 13 }, { parity: 1 });
add('blocks-alpha', map, { mode: 'mixing', prior }, { ...rich, ...more }, alpha);
// Packets that begin with the marker.
add('blocks-large', syntheticMap({ width: 64, height: 64, codebookSizes: [1000], seed: 105, noise: 1 }), {
  mode: 'adaptive',
  packets: 4,
});
writeFileSync(listPath, `${JSON.stringify(golden, null, 2)}\n`);
