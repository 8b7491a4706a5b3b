/** One picture of several versions of an image, each over a line that says what it costs. */
import type { IntegerSamples, Raster } from '@vqkit/images';
import sharp from 'sharp';
import { toSharp } from '../io/images.ts';
import { escapeXml, fontFamily, renderSvg } from './render-svg.ts';

/** One version of the image. */
export interface Panel {
  readonly title: string;
  readonly facts: string;
  readonly picture: Raster<IntegerSamples>;
}

/** In pixels: panels are scaled to lie between these, and no panel is narrower than its label. */
const layout = { largest: 1024, smallest: 384, labelWidth: 640, labelHeight: 76, gap: 16 };
const colours = { background: '#14161a', title: '#ffffff', facts: '#b9c0cc' };

/** Draws panels of one size: wide images two by two, tall ones in a row. @returns A PNG file. */
export async function sideBySide(panels: readonly Panel[]): Promise<Uint8Array> {
  const { width, height } = panels[0]!.picture;
  const size = shownSize(width, height);
  const cell = { width: Math.max(size.width, layout.labelWidth), height: size.height + layout.labelHeight };
  const columns = Math.min(panels.length, size.width >= size.height ? 2 : 4);
  const rows = Math.ceil(panels.length / columns);
  const canvas = {
    width: columns * (cell.width + layout.gap) + layout.gap,
    height: rows * cell.height + layout.gap,
    channels: 3 as const,
    background: colours.background,
  };
  const layers = await Promise.all(
    panels.map(async (panel, i) => {
      const left = layout.gap + (i % columns) * (cell.width + layout.gap);
      const top = layout.gap + Math.floor(i / columns) * cell.height;
      const input = await shown(panel.picture, size);
      const inset = Math.floor((cell.width - size.width) / 2);
      return [
        { input, left: left + inset, top },
        { input: label(panel, cell.width), left, top: top + size.height },
      ];
    }),
  );
  return sharp({ create: canvas }).composite(layers.flat()).png().toBuffer();
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Large images are reduced, tiny ones enlarged by a whole number. */
function shownSize(width: number, height: number): Size {
  const longer = Math.max(width, height);
  const scale = longer > layout.largest ? layout.largest / longer : Math.max(1, Math.ceil(layout.smallest / longer));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

async function shown(picture: Raster<IntegerSamples>, { width, height }: Size): Promise<Buffer> {
  const kernel = width > picture.width ? 'nearest' : 'lanczos3';
  return toSharp(picture).resize({ width, height, fit: 'fill', kernel }).png({ compressionLevel: 1 }).toBuffer();
}

function label({ title, facts }: Panel, width: number): Buffer {
  const line = (y: number, size: number, weight: string, fill: string, text: string): string =>
    `<text x="2" y="${y}" font-family="${fontFamily}" font-size="${size}" font-weight="${weight}" fill="${fill}">${escapeXml(text)}</text>`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${layout.labelHeight}">` +
    line(30, 24, 'bold', colours.title, title) +
    line(57, 20, 'normal', colours.facts, facts) +
    '</svg>';
  return renderSvg(svg);
}
