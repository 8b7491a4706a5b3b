/** Crops at 2:1, a row for each, a column for each version, labels under them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { cut, type IntegerSamples, type Raster, to8Bit } from '@vqkit/images';
import sharp, { type OverlayOptions } from 'sharp';

/** Where a crop begins. */
export interface Crop {
  readonly photo: string;
  readonly left: number;
  readonly top: number;
}

/** A crop, and the versions of its photo: one for each column, fewer where there is none. */
export interface SheetRow {
  readonly crop: Pick<Crop, 'left' | 'top'>;
  readonly versions: readonly { readonly picture: Raster<IntegerSamples>; readonly facts: string }[];
}

/** In pixels: a crop of 224×160 is shown twice as large. */
const layout = { width: 224, height: 160, zoom: 2, title: 44, facts: 34, gap: 10 };
const colours = { background: '#14161a', title: '#ffffff', facts: '#c6ccd6' };

/** Draws the sheet. Photos smaller than a crop are shown whole. @returns A PNG file. */
export async function drawSheet(titles: readonly string[], rows: readonly SheetRow[]): Promise<Buffer> {
  const { zoom, gap } = layout;
  const cell = { width: layout.width * zoom + gap, height: layout.height * zoom + layout.facts };
  const size = { width: titles.length * cell.width + gap, height: layout.title + rows.length * cell.height + gap };
  const leftOf = (column: number): number => gap + column * cell.width;
  const texts = titles.map((title, column) => text(leftOf(column), 30, 24, colours.title, title));
  const layers: OverlayOptions[] = [];
  for (const [line, { crop, versions }] of rows.entries()) {
    const top = layout.title + line * cell.height;
    for (const [column, { picture, facts }] of versions.entries()) {
      layers.push({ input: await enlarged(picture, crop), left: leftOf(column), top });
      texts.push(text(leftOf(column), top + layout.height * zoom + 23, 19, colours.facts, facts));
    }
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">${texts.join('')}</svg>`;
  layers.push({ input: Buffer.from(svg), left: 0, top: 0 });
  return sharp({ create: { ...size, channels: 3, background: colours.background } })
    .composite(layers)
    .removeAlpha()
    .png()
    .toBuffer();
}

/** Draws the sheet into a file: WebP, PNG or JPEG, by its ending; its folder is made. */
export async function writeSheet(file: string, titles: readonly string[], rows: readonly SheetRow[]): Promise<void> {
  const format = file.endsWith('.png') ? 'png' : /\.jpe?g$/.test(file) ? 'jpeg' : 'webp';
  const png = await drawSheet(titles, rows);
  await mkdir(dirname(resolve(file)), { recursive: true });
  await writeFile(resolve(file), await sharp(png).toFormat(format, { quality: 88 }).toBuffer());
}

/** The crop, every pixel four times. */
function enlarged(picture: Raster<IntegerSamples>, { left, top }: SheetRow['crop']): Promise<Buffer> {
  const { zoom } = layout;
  const size = { width: Math.min(layout.width, picture.width), height: Math.min(layout.height, picture.height) };
  const place = { left: Math.min(left, picture.width - size.width), top: Math.min(top, picture.height - size.height) };
  const data = cut({ ...picture, data: to8Bit(picture) }, { ...place, ...size });
  return sharp(data, { raw: { ...size, channels: picture.channels as 3 | 4 } })
    .resize({ width: size.width * zoom, height: size.height * zoom, kernel: 'nearest' })
    .png()
    .toBuffer();
}

function text(x: number, y: number, size: number, fill: string, content: string): string {
  return `<text x="${x}" y="${y}" font-family="sans-serif" font-size="${size}" fill="${fill}">${content}</text>`;
}
