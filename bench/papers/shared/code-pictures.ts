/** Pictures of how a codebook is used: bars of usage and sharing (LooC's figures 7 and 8), and maps of codes. */
import type { TopLevelSpec } from 'vega-lite';
import type { CodeMap } from './code-map.ts';
import { svgOf } from './picture.ts';
import { type CodeSharing, summaryOf } from './sharing.ts';

/**
 * Draws a bar per slot, as high as the share of the codes it uses, and a bar per number of slots, as high as the codes which so
 * many use.
 *
 * @param slot  What a slot is called: `piece`, `slot`.
 */
export async function drawSharing(title: string, sharing: CodeSharing, slot = 'slot'): Promise<string> {
  const { codes, slots } = summaryOf(sharing);
  const usage = sharing.usedBySlot.map((used, i) => ({ slot: i + 1, share: (100 * used) / codes }));
  const shared = sharing.codesBySlots.map((count, n) => ({ slots: n, codes: count }));
  const panel = { width: 380, height: 200 };
  const ticks = { labelAngle: 0, labelOverlap: true } as const;
  return svgOf({
    title,
    background: 'white',
    padding: 20,
    hconcat: [
      {
        ...panel,
        layer: [
          {
            data: { values: usage },
            mark: { type: 'bar', aria: false },
            encoding: {
              x: { field: 'slot', type: 'ordinal', title: slot, axis: ticks },
              y: {
                field: 'share',
                type: 'quantitative',
                title: `% of ${codes} codes used`,
                scale: { domain: [0, 100] },
              },
            },
          },
          {
            data: { values: [{ share: 90 }] },
            mark: { type: 'rule', strokeDash: [4, 4] },
            encoding: { y: { field: 'share', type: 'quantitative' } },
          },
        ],
      },
      {
        ...panel,
        data: { values: shared },
        mark: { type: 'bar', aria: false },
        encoding: {
          x: { field: 'slots', type: 'ordinal', title: `${slot}s that use a code, of ${slots}`, axis: ticks },
          y: { field: 'codes', type: 'quantitative', title: 'codes' },
        },
      },
    ],
  });
}

/** A map and what it is called. */
export interface LabelledMap {
  readonly label: string;
  readonly map: CodeMap;
}

/** Draws maps side by side under one scale of colours: uses of a code over the mean of its book; rings are codes that are not used. */
export async function drawCodeMaps(title: string, maps: readonly LabelledMap[]): Promise<string> {
  const points = maps.map(({ map }) => {
    const mean = map.uses.reduce((total, n) => total + n, 0) / map.uses.length;
    return map.uses.map((n, k) => ({ x: map.x[k]!, y: map.y[k]!, times: n / mean }));
  });
  const position = Object.fromEntries(
    ['x', 'y'].map((field) => [
      field,
      { field, type: 'quantitative', axis: null, scale: { zero: false, nice: false, padding: 12 } },
    ]),
  );
  const isAnyUnused = points.flat().some(({ times }) => times === 0);
  const spec = {
    title: { text: title, subtitle: isAnyUnused ? 'rings: codes that are not used' : 'every code is used' },
    background: 'white',
    padding: 20,
    hconcat: maps.map(({ label }, i) => ({
      title: { text: label, fontWeight: 'normal' },
      width: 360,
      height: 320,
      view: { stroke: '#ccc' },
      encoding: position,
      layer: [
        {
          data: { values: points[i]!.filter(({ times }) => times > 0) },
          mark: { type: 'point', filled: true, size: 50, opacity: 1, aria: false },
          encoding: {
            color: {
              field: 'times',
              type: 'quantitative',
              title: 'uses over mean',
              scale: { type: 'log', base: 2, domain: [1 / 8, 8], clamp: true, scheme: 'viridis' },
            },
          },
        },
        {
          data: { values: points[i]!.filter(({ times }) => times === 0) },
          mark: { type: 'point', size: 50, color: '#999', aria: false },
        },
      ],
    })),
  };
  return svgOf(spec as TopLevelSpec);
}
