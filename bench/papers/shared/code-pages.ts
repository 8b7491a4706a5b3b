/** The part of a page that tells how codebooks are used: sentences, bars and maps, of the results that have them. */
import { drawCodeMaps, drawSharing, type LabelledMap } from './code-pictures.ts';
import type { RowResult } from './results.ts';
import type { PaperRow } from './row.ts';
import { sharingInWords } from './sharing.ts';

/** A picture of a page. */
export interface Figure {
  /** What stands for it where it cannot be seen. */
  readonly alt: string;
  /** File name; also tells figures of a page apart. */
  readonly file: string;
  readonly draw: () => Promise<string>;
}

/** What tells of codebooks in a section. */
export interface CodeReport {
  /** A sentence per row; none for results without counts of slots. */
  readonly sentences: readonly string[];
  readonly figures: readonly Figure[];
}

/**
 * Tells of the codebooks of results. A row without the CVQ rule has its map beside that of the row with it, where both are there.
 *
 * @param prefix  Of the names of files.
 */
export function codeReport(
  heading: string,
  results: readonly RowResult[],
  rows: readonly PaperRow[],
  prefix: string,
): CodeReport {
  const measured = rows.flatMap((row) => {
    const found = results.find((result) => result.row === row.id);
    return found ? [{ row, ...found.metrics }] : [];
  });
  const shared = measured.flatMap(({ row, sharing }) => {
    if (sharing === undefined) return [];
    // Of an enlarged map, a position has more slots than pieces.
    return [{ row, sharing, slot: row.size?.pieces === sharing.usedBySlot.length ? 'piece' : 'slot' }];
  });
  const labelled = (id: string | undefined): LabelledMap[] =>
    measured.flatMap(({ row, codeMap }) => (row.id === id && codeMap ? [{ label: row.label, map: codeMap }] : []));
  const plainOf = (id: string): string | undefined => rows.find((row) => row.withoutRuleOf === id)?.id;
  const mapped = measured.flatMap(({ row }) => {
    const own = labelled(row.id);
    const isBeside = labelled(row.withoutRuleOf).length > 0;
    return own.length === 0 || isBeside ? [] : [{ row, maps: [...own, ...labelled(plainOf(row.id))] }];
  });
  return {
    sentences: shared.map(({ row, sharing, slot }) => `${row.label}: ${sharingInWords(sharing, slot)}.`),
    figures: [
      ...shared.map(({ row, sharing, slot }) => ({
        alt: `Usage of the codes by ${slot}, and codes by the number of ${slot}s that use them: ${row.label}`,
        file: `${prefix}-${row.id}-sharing.svg`,
        draw: () => drawSharing(`${heading}: ${row.label}`, sharing, slot),
      })),
      ...mapped.map(({ row, maps }) => ({
        alt: `Map of the codes: ${maps.map(({ label }) => label).join('; ')}`,
        file: `${prefix}-${row.id}-codes.svg`,
        draw: () => drawCodeMaps(`${heading}: map of the codes`, maps),
      })),
    ],
  };
}

/** The report as Markdown lines. @param paper  What the paper says of the same, in a sentence. */
export function codeLines({ sentences, figures }: CodeReport, paper?: string): string[] {
  const maps = figures.some(({ file }) => file.endsWith('-codes.svg'));
  return [
    ...sentences.map((sentence) => `- ${sentence}`),
    ...(sentences.length > 0 ? [...(paper ? [`- ${paper}`] : []), ''] : []),
    ...figures.flatMap(({ alt, file }) => [`![${alt}](${file})`, '']),
    ...(maps
      ? [
          'Maps are by UMAP of the Euclidean distances of codes, each by itself: neighbourhoods mean something, directions and ' +
            'sizes do not.',
          '',
        ]
      : []),
  ];
}
