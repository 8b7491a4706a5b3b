/** A picture of what is lost and of what fills it: a crop of a photo a row. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IntegerSamples, Raster } from '@vqkit/images';
import { readPicture } from '@vqkit/images/node';
import type { Tokenizer } from '@vqkit/tokenizer';
import { type SheetRow, writeSheet } from '../crops/sheet.ts';
import { lossOf } from './losses.ts';
import type { Method } from './methods.ts';

const rows = [
  { photo: 'kodim23', left: 60, top: 160, share: 0.2 },
  { photo: 'kodim04', left: 170, top: 298, share: 0.2 },
  { photo: 'kodim08', left: 420, top: 190, share: 0.3 },
  { photo: 'kodim15', left: 430, top: 110, share: 0.5 },
] as const;
const shown = ['neighbours', 'transformer'] as const;

/** Draws and writes it. @param folder  The photos of Kodak. */
export async function drawStrips(
  file: string,
  {
    tokenizer,
    methods,
    folder,
  }: { readonly tokenizer: Tokenizer; readonly methods: ReadonlyMap<string, Method>; readonly folder: string },
): Promise<void> {
  const sheet: SheetRow[] = [];
  for (const { photo, left, top, share } of rows) {
    const original = await readPicture(await readFile(join(folder, `${photo}.png`)), { name: photo });
    const [map] = await tokenizer.encode(original);
    const whole = await tokenizer.decode(map!);
    const lost = lossOf('packets', share, map!.width, map!.height, 1);
    const versions: SheetRow['versions'][number][] = [
      { picture: whole, facts: `${photo}, nothing lost` },
      { picture: withHoles(whole, lost, tokenizer.scale), facts: `${100 * share} % of the packets lost` },
    ];
    for (const name of shown) versions.push({ picture: (await methods.get(name)!(map!, lost)).picture, facts: name });
    sheet.push({ crop: { left, top }, versions });
  }
  await writeSheet(
    file,
    ['Nothing lost', 'What arrived', 'Copied from neighbours', 'Filled in by the transformer'],
    sheet,
  );
}

/** A picture with its lost positions in grey. */
function withHoles(picture: Raster<IntegerSamples>, lost: Uint8Array, scale: number): Raster<IntegerSamples> {
  const columns = Math.ceil(picture.width / scale);
  const data = picture.data.map((value, i) => {
    const at = Math.floor(i / picture.channels);
    const [x, y] = [at % picture.width, Math.floor(at / picture.width)];
    return lost[Math.floor(y / scale) * columns + Math.floor(x / scale)] === 1 ? 40 : value;
  });
  return { ...picture, data };
}
