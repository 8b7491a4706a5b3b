/** What a prefix of a file shows. */
import { concealLost } from '@vqkit/codec';
import { decodeIndices, type Prior, readContainer } from '@vqkit/codec/bitstream';
import { type IndexMap, positionsOf } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import { planes, type Stage, visitStage } from './orders.ts';

/** A stage, and the bits of its positions in raster order. */
export interface CodedStage {
  readonly stage: Stage;
  readonly bits: Float64Array;
}

/** 1 at what has arrived whole with so many bytes, by plane, in raster order. */
export function arrivedBy(
  stages: readonly CodedStage[],
  { width, height }: { readonly width: number; readonly height: number },
  bytes: number,
): Uint8Array[] {
  const arrived = Object.values(planes).map(() => new Uint8Array(width * height));
  let left = 8 * bytes;
  for (const { stage, bits } of stages) {
    visitStage(stage, width, height, (x, y) => {
      left -= bits[y * width + x]!;
      if (left >= 0) arrived[stage.plane]![y * width + x] = 1;
    });
  }
  return arrived;
}

/** The map with what is lost copied from its neighbours, as decoders do it; `undefined` when everything is. */
export async function filledUp(map: IndexMap, lost: Uint8Array): Promise<IndexMap | undefined> {
  if (lost.every((flag) => flag === 1)) return undefined;
  const grid = { ...map, modelId: photo.manifest.id };
  const known = { ...map, planes: map.planes.map((plane) => Uint32Array.from(plane, (v, i) => (lost[i] ? 0 : v))) };
  return { ...map, planes: [await concealLost(positionsOf(known).data, lost, grid)] };
}

/** The map that the beginning of a file decodes to; `undefined` where not one packet is whole. */
export async function mapOfPrefix(bytes: Uint8Array, prior: Prior): Promise<IndexMap | undefined> {
  try {
    const { lost, ...map } = decodeIndices(readContainer(bytes).indices, { prior });
    return lost ? filledUp(map, lost) : map;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ALL_PACKETS_LOST' || code === 'TRUNCATED' || code === 'CHECKSUM_MISMATCH') return undefined;
    throw error;
  }
}
