/** A chart of Observable Plot, which is loaded with the first one. */
import type { PlotOptions } from '@observablehq/plot';
import { useEffect, useRef } from 'preact/hooks';

type Plot = typeof import('@observablehq/plot');

/** Draws what `options` says, as wide as there is room; `label` is for those who do not see it. */
export function Chart({ label, options }: { readonly label: string; readonly options: (plot: Plot) => PlotOptions }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isGone = false;
    void import('@observablehq/plot').then((plot) => {
      if (isGone) return;
      const common = { width: box.current!.clientWidth, height: 150, marginLeft: 40, style: { background: 'none' } };
      const drawn = plot.plot({ ...common, ...options(plot) });
      // the label of the box says it all
      drawn.setAttribute('aria-hidden', 'true');
      box.current!.replaceChildren(drawn);
    });
    return () => {
      isGone = true;
    };
  }, [options]);
  return <div ref={box} class="chart" role="img" aria-label={label} />;
}
