/** What fills holes without having learned anything. */
import { type Conceal, concealLost } from '@vqkit/codec';

/** The first code everywhere. */
const zero: Conceal = (indices) => indices;

/** The code that arrived most often. */
const mostFrequent: Conceal = (indices, lost) => {
  const common = mostCommon([...indices].filter((_, at) => lost[at] === 0)) ?? 0;
  return indices.map((index, at) => (lost[at] === 1 ? common : index));
};

/** What most of the eight positions around say, ring by ring from what arrived; of several the nearest. */
const majority: Conceal = (indices, lost, { width, height }) => {
  const filled = indices.slice();
  const isKnown = lost.map((flag) => 1 - flag);
  for (let left = lost.reduce((sum, flag) => sum + flag, 0); left > 0; ) {
    const found = [...isKnown.keys()]
      .filter((at) => isKnown[at] === 0)
      .map((at) => ({
        at,
        index: mostCommon(
          around(at, width, height)
            .filter((i) => isKnown[i] === 1)
            .map((i) => filled[i]!),
        ),
      }))
      .filter(({ index }) => index !== undefined);
    if (found.length === 0) break;
    for (const { at, index } of found) [filled[at], isKnown[at]] = [index!, 1];
    left -= found.length;
  }
  return filled;
};

/** By distance: straight neighbours before those across. */
function around(at: number, width: number, height: number): number[] {
  const [x, y] = [at % width, Math.floor(at / width)];
  const steps = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
  ] as const;
  return steps
    .map(([dx, dy]) => [x + dx, y + dy] as const)
    .filter(([left, top]) => left >= 0 && top >= 0 && left < width && top < height)
    .map(([left, top]) => top * width + left);
}

/** The value that occurs most often, of several the one that comes first. */
function mostCommon(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<[number, number] | undefined>(
    (best, entry) => (best && best[1] >= entry[1] ? best : entry),
    undefined,
  )?.[0];
}

/** By name; `neighbours` is what the codec does without weights. */
export const baselines: Readonly<Record<string, Conceal>> = {
  zero,
  'most frequent': mostFrequent,
  neighbours: concealLost,
  majority,
};
