/** The picture of the benchmark: crops of Kodak at 2:1, small as they were, as contestants enlarged them, and whole. */
import type { Raster } from '@vqkit/images';
import sharp from 'sharp';
import { type Crop, type SheetRow, writeSheet } from '../crops/sheet.ts';
import { fileOf } from './contest.ts';
import { type Reduction, readLarge, type SetPicture, smallOf } from './pictures.ts';
import { idOf, readResults } from './results.ts';

/** Two heads with eyes, a face, windows and letters, and water. */
const crops: readonly Crop[] = [
  { photo: 'kodim23', left: 60, top: 160 },
  { photo: 'kodim04', left: 170, top: 298 },
  { photo: 'kodim08', left: 420, top: 190 },
  { photo: 'kodim16', left: 320, top: 290 },
];

/** A column of the picture. */
export interface SheetColumn {
  readonly title: string;
  /** Where the contestant's pictures lie. */
  readonly folder: string;
}

/**
 * Draws the rows whose photos are among `pictures`.
 *
 * @param file  WebP, PNG or JPEG, by its ending. @returns Photos drawn.
 */
export async function drawContest(
  file: string,
  pictures: readonly SetPicture[],
  columns: readonly SheetColumn[],
  reduction?: Reduction,
): Promise<number> {
  const rows: SheetRow[] = [];
  for (const crop of crops) {
    const picture = pictures.find(({ name }) => name === `${crop.photo}.png`);
    if (picture === undefined) continue;
    const original = await readLarge(picture);
    const small = await smallOf(picture, reduction);
    const versions = [{ picture: await inSquares(small), facts: `${small.width}×${small.height} pixels` }];
    for (const { folder } of columns) {
      const lpips = (await readResults(folder))[idOf(picture)]?.scores?.lpips;
      const made = await readLarge({ ...picture, path: fileOf(folder, picture) });
      versions.push({ picture: made, facts: `whole photo: LPIPS ${lpips?.toFixed(3) ?? '–'}` });
    }
    versions.push({ picture: original, facts: `${crop.photo}, ${original.width}×${original.height}` });
    rows.push({ crop, versions });
  }
  const titles = ['Small', ...columns.map(({ title }) => title), 'Original'];
  if (rows.length > 0) await writeSheet(file, titles, rows);
  return rows.length;
}

/** Every pixel sixteen times. */
async function inSquares({ data, width, height }: Raster): Promise<Raster> {
  const size = { width: 4 * width, height: 4 * height };
  const large = sharp(data, { raw: { width, height, channels: 3 } }).resize({ ...size, kernel: 'nearest' });
  return { data: new Uint8Array(await large.raw().toBuffer()), ...size, channels: 3 };
}
