/** Quantize: a codebook that learns the photo's own patches while one watches. */
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { fixed } from '../format.ts';
import { busy, failures } from '../state/actions.ts';
import { curve, frame, learnCodebook, request } from '../state/learn.ts';
import type { ShownShelf } from '../worker/engine.ts';
import type { KindName } from '../worker/playground.ts';
import { Chart } from './chart.tsx';
import { Failure } from './compress-panel.tsx';
import { Facts } from './facts.tsx';
import { Slide } from './fields.tsx';
import { Icon } from './icon.tsx';

const kinds: Readonly<Record<KindName, readonly [title: string, words: string]>> = {
  vq: ['Vector quantization', 'One codebook. A code is a whole patch; codes follow the patches that chose them.'],
  looc: ['LooC', 'Patches are cut into rows, and all rows share one small codebook of pieces.'],
  'dual-codebook': ['Dual codebook', 'Two halves with a codebook each; a small transformer makes the first.'],
  product: ['Product', 'Each row of a patch has a codebook of its own.'],
  residual: ['Residual', 'Three stages: each codes what the ones before it left over.'],
  fsq: ['Finite scalar (FSQ)', 'No codebook: a few learned channels are rounded to a few levels.'],
  'lookup-free': ['Lookup-free (LFQ)', 'No codebook: each learned channel is one bit.'],
  simvq: ['SimVQ', 'A frozen random codebook, seen through one learned linear map.'],
};

/** Codes as small pictures. */
function Shelf({ shelf: { title, bitmap, width, height } }: { readonly shelf: ShownShelf }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    Object.assign(canvas.current!, { width, height });
    if (bitmap.width > 0) canvas.current!.getContext('2d')!.drawImage(bitmap, 0, 0);
  }, [bitmap]);
  return (
    <figure class="shelf">
      <figcaption>{title}</figcaption>
      <canvas ref={canvas} class="codes" role="img" aria-label={title} />
    </figure>
  );
}

function Curve() {
  const points = curve.value;
  const options = useMemo(
    () => (plot: typeof import('@observablehq/plot')) => ({
      x: { label: 'steps', domain: [0, request.value.steps], ticks: 4 },
      y: { label: 'dB', grid: true, ticks: 4 },
      marks: [plot.lineY(points, { x: 'step', y: 'psnr', stroke: 'var(--accent)', strokeWidth: 2 })],
    }),
    [points],
  );
  return <Chart label="PSNR over the steps" options={options} />;
}

/** The panel. */
export function QuantizePanel() {
  const { kind, bits, steps } = request.value;
  const set = (change: Partial<typeof request.value>): void => {
    request.value = { ...request.value, ...change };
  };
  const [, words] = kinds[kind];
  const now = frame.value;
  return (
    <>
      <label class="field">
        <span>Quantizer</span>
        <select value={kind} onChange={(event) => set({ kind: event.currentTarget.value as KindName })}>
          {Object.entries(kinds).map(([name, [title]]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <p class="hint">{words}</p>
      <Slide
        label="Codes"
        value={bits}
        min={3}
        max={9}
        text={`${2 ** bits}`}
        onSlide={(value) => set({ bits: value })}
      />
      <Slide
        label="Steps"
        value={steps}
        min={20}
        max={1000}
        step={20}
        text={`${steps}`}
        onSlide={(value) => set({ steps: value })}
      />
      <button type="button" class="primary" disabled={busy.value !== undefined} onClick={() => void learnCodebook()}>
        <Icon name="play" />
        Learn from this photo
      </button>
      <Failure text={failures.value.quantize} />
      {now ? (
        <>
          <Facts
            title={`After ${now.step} steps`}
            rows={[
              ['PSNR', `${fixed(now.psnr, 2)} dB`, 'learned-psnr'],
              ['Bits a pixel', fixed(now.bitsPerPixel, 3), 'learned-bpp'],
              ['Codes used', `${now.used} of ${now.codes}`, 'learned-used'],
              ['Perplexity', fixed(now.perplexity, 1), 'learned-perplexity'],
            ]}
          />
          <Curve />
          {now.shelves.map((shelf) => (
            <Shelf key={shelf.title} shelf={shelf} />
          ))}
        </>
      ) : (
        <p class="hint">
          The photo, reduced to 256 pixels, is cut into patches of 4 × 4. Their codes are learned here, from noise.
        </p>
      )}
    </>
  );
}
