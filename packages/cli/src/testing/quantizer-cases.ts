/** Every quantizer, small, and what its files take: for tests of training. */
import type { QuantizerName } from '@vqkit/training';

/** Small sizes for each, and the bits of a position that they make. */
export const quantizerCases = {
  vq: [{ codes: 32, dimension: 16 }, 5],
  looc: [{ codes: 16, dimension: 16, parts: 4 }, 16],
  'dual-codebook': [{ codes: 16, dimension: 16 }, 8],
  product: [{ codes: 16, dimension: 16, parts: 2 }, 8],
  residual: [{ codes: 16, dimension: 16, depth: 3 }, 12],
  fsq: [{ levels: [8, 5, 5] }, Math.log2(200)],
  'lookup-free': [{ bits: 6 }, 6],
  simvq: [{ codes: 32, dimension: 16 }, 5],
} as const satisfies Readonly<Record<QuantizerName, readonly [options: object, bits: number]>>;

/** The sizes as words of a command line. */
export function optionWords(name: QuantizerName): string[] {
  return Object.entries(quantizerCases[name][0]).flatMap(([option, value]) => [`--${option}`, `${value}`]);
}

/** A file and what its indices take before entropy coding. */
export interface FileSize {
  readonly name: string;
  readonly bits: number;
  readonly indexBytes: number;
  readonly bytes: number;
}

/** Sizes beside bits per position, as lines; by what a position takes. */
export function linesOf(sizes: readonly FileSize[]): string {
  const line = ({ name, bits, indexBytes, bytes }: FileSize): string =>
    `${name.padEnd(14)}${bits.toFixed(2).padStart(6)} bits per position  ${indexBytes.toFixed(1).padStart(6)} bytes of indices ${`${bytes}`.padStart(4)} bytes in the file`;
  return [...sizes]
    .sort((a, b) => a.bits - b.bits)
    .map(line)
    .join('\n');
}
