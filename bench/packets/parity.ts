/**
 * Parity against concealment at equal bytes: files of as many packets and bytes, some of the packets for parity, or all of them for
 * indices. Each packet is lost by itself; a file that parity cannot restore has its gaps filled in as one without.
 */
import type { Codec } from '@vqkit/codec';
import { splitFile } from '@vqkit/codec/bitstream';
import { random } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import type { LpipsMeter } from '@vqkit/metrics';
import type { BenchItem } from '../harness/report.ts';
import { scoresOf } from '../harness/scores.ts';

/** What is compared. */
export interface ParityOptions {
  readonly pictures: readonly Raster[];
  readonly codec: Codec;
  readonly meter: LpipsMeter;
  /** Packets of every file, parity packets among them. */
  readonly packets: number;
  /** Parity packets of a file, for each row. */
  readonly parity: readonly number[];
  /** Probabilities of a packet to be lost. */
  readonly losses: readonly number[];
  /** Bits per pixel that each file fills up. */
  readonly targetBpp: number;
  readonly log: (line: string) => void;
}

/** Which of `count` packets arrive: the same for all files of a photo. */
export function arrivals(count: number, loss: number, seed: number): boolean[] {
  const stream = random(seed);
  return Array.from({ length: count }, () => stream.next() >= loss);
}

/** The file as it arrives. */
export function afterLoss(file: Uint8Array, loss: number, seed: number): Uint8Array {
  const { header, packets } = splitFile(file);
  const arrived = arrivals(packets.length, loss, seed);
  return new Uint8Array(Buffer.concat([header, ...packets.filter((_, i) => arrived[i])]));
}

/** Means over the photos, for each number of parity packets and each loss. */
export async function compareParity(options: ParityOptions): Promise<BenchItem[]> {
  const { pictures, codec, meter, packets, parity, losses, targetBpp, log } = options;
  const items: BenchItem[] = [];
  for (const own of parity) {
    const files: Uint8Array[] = [];
    for (const picture of pictures)
      files.push(await codec.encode(picture, { targetBpp, packets: packets - own, parity: own }));
    const whole = [];
    for (const [i, file] of files.entries()) whole.push(await decodedScores(pictures[i]!, file, codec, meter));
    for (const loss of [0, ...losses]) {
      const scores = [];
      for (const [i, file] of files.entries()) {
        const arrived = afterLoss(file, loss, i + 1);
        const { lost } = await codec.decodeToIndices(arrived);
        scores.push(lost ? await decodedScores(pictures[i]!, arrived, codec, meter) : whole[i]!);
      }
      items.push({
        name: `${packets - own} + ${own}`,
        bytes: mean(files.map((file) => file.length)),
        'lost, %': 100 * loss,
        'whole, %': 100 * mean(scores.map(({ lostShare }) => Number(lostShare === 0))),
        PSNR: mean(scores.map(({ psnr }) => psnr)),
        LPIPS: mean(scores.map(({ lpips }) => lpips)),
      });
    }
    log(JSON.stringify(items.slice(-1 - losses.length)));
  }
  return items;
}

async function decodedScores(picture: Raster, file: Uint8Array, codec: Codec, meter: LpipsMeter) {
  const { image, lostShare } = await codec.decode(file);
  return { ...(await scoresOf(picture, image, meter)), lostShare };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
