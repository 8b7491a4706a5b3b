/** A Vega-Lite chart as a PNG file, in the style that all our charts share. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { fontFamily, renderSvg } from './render-svg.ts';

/**
 * Draws a chart.
 *
 * @param spec  Vega-Lite without background, padding and fonts.
 * @returns A PNG file.
 */
export async function drawChart(spec: object): Promise<Uint8Array> {
  const style = {
    background: 'white',
    padding: 20,
    config: {
      font: fontFamily,
      axis: { labelFontSize: 12, titleFontSize: 13, titlePadding: 8 },
      legend: { labelFontSize: 14, columnPadding: 24 },
      view: { stroke: '#cccccc' },
    },
  };
  const view = new View(parse(compile({ ...style, ...spec } as TopLevelSpec).spec), { renderer: 'none' });
  try {
    return renderSvg(await view.toSVG(), 1.5);
  } finally {
    view.finalize();
  }
}
