/**
 * SVG to PNG with a font that comes along: the text looks the same on every machine, and a server without any fonts
 * shows it too (sharp's own SVG reader takes the system's fonts, and leaves text out where there are none).
 */
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';

/** The family that SVG files should name: Lato, under the SIL Open Font License. */
export const fontFamily = 'Lato';

const fontFiles = ['400Regular/Lato_400Regular.ttf', '700Bold/Lato_700Bold.ttf'];

/** Draws an SVG. @param zoom  Pixels per SVG unit. @returns A PNG file. */
export function renderSvg(svg: string, zoom = 1): Buffer {
  const require = createRequire(import.meta.url);
  const font = {
    loadSystemFonts: false,
    fontFiles: fontFiles.map((file) => require.resolve(`@expo-google-fonts/lato/${file}`)),
    defaultFontFamily: fontFamily,
    sansSerifFamily: fontFamily,
  };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }).render().asPng();
}

/** Text as it may stand between tags. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
