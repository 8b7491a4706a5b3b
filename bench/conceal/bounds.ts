/** What guessing could reach at best: holes filled by somebody who knows what was lost, but may not say it. */
import type { IndexMap } from '@vqkit/tokenizer';

/** Codes, f32 `[K, D]`, D numbers each. */
export interface Codebook {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Every lost index becomes the other code that is nearest to it, of equally near ones the first: no guess is nearer but the right one. */
export function nearestOthers({ planes: [indices] }: IndexMap, lost: Uint8Array, codes: Codebook): Uint32Array {
  const nearest = new Map<number, number>();
  const of = (index: number): number => {
    const found = nearest.get(index) ?? nearestOther(index, codes);
    nearest.set(index, found);
    return found;
  };
  return indices!.map((index, at) => (lost[at] === 1 ? of(index) : index));
}

function nearestOther(index: number, { data, shape: [size, length] }: Codebook): number {
  let best = { index, distance: Number.POSITIVE_INFINITY };
  for (let other = 0; other < size!; other++) {
    if (other === index) continue;
    let distance = 0;
    for (let d = 0; d < length!; d++) distance += (data[other * length! + d]! - data[index * length! + d]!) ** 2;
    if (distance < best.distance) best = { index: other, distance };
  }
  return best.index;
}
