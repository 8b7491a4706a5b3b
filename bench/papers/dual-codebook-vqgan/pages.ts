/** What the pages say: of the rows that were trained, and of what the paper's sizes cost. */
import type { ReportValue } from '../../harness/report.ts';
import { tableLines } from '../shared/markdown.ts';
import { fileColumns, type PhotoPage } from '../shared/photo-pages.ts';
import type { NetworkCost, QuantizerCosts } from './costs.ts';
import type { DualResult } from './run.ts';

const millions = (count: number): string => (count / 1e6).toFixed(2);
const billions = (count: number): string => (count / 1e9).toFixed(2);

/** The page of results. @param set  What the rows were trained on. */
export function dualPage(set: string): PhotoPage<DualResult> {
  return {
    title: 'Dual codebook inside VQGAN',
    about: ([first]) => {
      const { steps, batch, crop, seed, files, network } = first!;
      const { width, blocks, delay, rate } = network;
      const scale = first!.cost.network.scale;
      return [
        `VQGAN of width ${width} (the paper: 128), residual blocks per resolution: ${blocks} (2), at 1/${scale}. All rows are trained alike from nothing on ${set}: ${steps} steps of ${batch} crops of ${crop}² pixels at a peak rate of ${rate}, L1 and LPIPS, a discriminator from step ${delay} on, seed ${seed}.`,
        `Codes follow gradients, and losses of halves are sums. Files are \`.vqk\` files of ${files.pictures} pictures, with priors that the entropy coder learned for each row from the same photos; LPIPS (SqueezeNet) is also a training loss.`,
        'Multiplications are those of products and convolutions for an image of 256² pixels; the quantizer is counted as it is used (folded) and with its transformer, as in training. Codes used: mean over the tables.',
      ];
    },
    columns: {
      row: ({ label }) => label,
      ...fileColumns,
      'entropy, bits a position': ({ files }) => files.entropyBits?.toFixed(2) ?? '–',
      'codes used, %': ({ files }) => (100 * files.usage).toFixed(1),
      'held-out LPIPS': ({ heldOut }) => heldOut.lpips?.toFixed(4) ?? '–',
      'held-out PSNR': ({ heldOut }) => heldOut.psnr?.toFixed(2) ?? '–',
      'parameters, M': ({ parameters }) => millions(parameters),
      'multiplications of the quantizer, M': ({ cost }) => millions(cost.quantizer.used.encodeProducts),
      'in training, M': ({ cost }) => millions(cost.quantizer.trained.encodeProducts),
      'to code, G': ({ cost }) => billions(cost.network.encodeProducts + cost.quantizer.used.encodeProducts),
      'to restore, G': ({ cost }) => billions(cost.network.decodeProducts + cost.quantizer.used.decodeProducts),
      minutes: ({ trainingSeconds }) => Math.round(trainingSeconds / 60),
    },
    tables: { paper: "The paper's sizes", bits: '10 bits a position' },
    groupName: (group) => (group === 'bits' ? '10 bits a position' : "the paper's sizes"),
  };
}

/** Counts that could be less by some share: of a quantizer in a network. */
function measuresOf(quantizer: QuantizerCosts[keyof QuantizerCosts], network: NetworkCost) {
  const { floats, encodeProducts, bitsPerPosition } = quantizer;
  return {
    'bits a position': bitsPerPosition,
    'values of the quantizer': floats,
    'multiplications of the quantizer': encodeProducts,
    'parameters of the whole': network.parameters + floats,
    'multiplications of the whole': network.encodeProducts + network.decodeProducts + encodeProducts,
  };
}

/** Names of quantizers with what they cost; those that fold stand there twice. */
function entriesOf(costs: Readonly<Record<string, QuantizerCosts>>): [string, QuantizerCosts['used']][] {
  return Object.entries(costs).flatMap(([name, { used, trained }]): [string, QuantizerCosts['used']][] =>
    used === trained
      ? [[name, used]]
      : [
          [`${name}, folded`, used],
          [`${name}, with its transformer`, trained],
        ],
  );
}

/**
 * The page of costs in the paper's sizes.
 *
 * @param costs  As `paperCosts` makes them.
 * @param network  Those of the published VQGAN.
 */
export function costsPage(costs: Readonly<Record<string, QuantizerCosts>>, network: NetworkCost): string {
  const all = entriesOf(costs).map(([name, cost]) => ({ name, measures: measuresOf(cost, network) }));
  const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });
  const cells = (name: string, values: object): Readonly<Record<string, ReportValue>> => ({
    quantizer: name,
    ...values,
  });
  const counted = all.map(({ name, measures }) =>
    cells(name, Object.fromEntries(Object.entries(measures).map(([key, value]) => [key, number(value)]))),
  );
  const against = (base: (typeof all)[number]) =>
    all
      .filter(({ name }) => name.startsWith('dual 512'))
      .map(({ name, measures }) => {
        const changes = Object.entries(measures).map(([key, value]) => {
          const change = 100 * (value / base.measures[key as keyof typeof measures] - 1);
          return [key, `${change > 0 ? '+' : ''}${change.toFixed(2)} %`];
        });
        return cells(`${name}, against ${base.name}`, Object.fromEntries(changes));
      });
  const bases = all.filter(({ name }) => /^(VQGAN|one|two)/.test(name));
  return [
    "# What the paper's sizes cost",
    '',
    'The published VQGAN at 1/16 with quantizers of its 256 values, for an image of 256² pixels, coded and restored once. Counted in traced graphs: multiplications within matrix products and convolutions.',
    'Values are those that coding and restoring read. A transformer makes its table once, as in a step of training, where that is done once for the whole batch.',
    '',
    ...tableLines(counted),
    '',
    '## Dual 512 + 512 against the others',
    '',
    ...tableLines(bases.flatMap(against)),
    '',
    'Counted, not timed, by',
    '',
    '```sh',
    'npm run papers -- dual-codebook-vqgan --costs',
    '```',
    '',
  ].join('\n');
}
