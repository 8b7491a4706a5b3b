/** See inside: what the codes are, what they cost, and how they are used. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { fixed, percentText } from '../format.ts';
import { failures } from '../state/actions.ts';
import { inside, layer, look, pointed } from '../state/inside.ts';
import { type Picture, pictures } from '../state/pictures.ts';
import type { Inside } from '../worker/inside.ts';
import { Chart } from './chart.tsx';
import { Failure } from './compress-panel.tsx';
import { Facts } from './facts.tsx';
import { Choice } from './fields.tsx';

/** A part of a picture, enlarged. */
function Patch({ picture, at, grid }: { picture: Picture | undefined; at: number; grid: Inside['grid'] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, scale, left, top } = grid;
  useEffect(() => {
    const [x, y] = [(at % width) * scale - left, Math.floor(at / width) * scale - top];
    const context = canvas.current!.getContext('2d')!;
    context.clearRect(0, 0, scale, scale);
    if (picture && picture.bitmap.width > 0) context.drawImage(picture.bitmap, x, y, scale, scale, 0, 0, scale, scale);
  }, [picture, at]);
  return <canvas ref={canvas} class="patch" width={scale} height={scale} />;
}

function Pointed({ found }: { readonly found: Inside }) {
  const at = pointed.value;
  if (at === undefined) return <p class="hint">Point at the picture to see a code, its bits and its patch.</p>;
  const { original, restored } = pictures.value;
  const own = found.used.find(({ code }) => code === found.codes[at]);
  return (
    <section class="pointed" aria-live="polite">
      {original && (
        <figure>
          <Patch picture={original} at={at} grid={found.grid} />
          <figcaption>Original</figcaption>
        </figure>
      )}
      <figure>
        <Patch picture={restored} at={at} grid={found.grid} />
        <figcaption>Restored</figcaption>
      </figure>
      {own ? (
        <>
          <figure>
            <span class="swatch" style={{ background: own.colour }} />
            <figcaption>Code {own.code}</figcaption>
          </figure>
          <p>
            <strong>{fixed(found.bits[at], 1)} bits</strong>
            <br />
            used {own.count} {own.count === 1 ? 'time' : 'times'}
          </p>
        </>
      ) : (
        <p>Lost on the way</p>
      )}
    </section>
  );
}

/** Codes in the order of their use. */
function Usage({ found }: { readonly found: Inside }) {
  const options = useMemo(() => {
    const bars = [...found.used]
      .sort((a, b) => b.count - a.count)
      .map(({ count, colour: fill }, rank) => ({ count, fill, rank }));
    return (plot: typeof import('@observablehq/plot')) => ({
      x: { label: 'codes, the most used first', ticks: 5 },
      y: { label: 'times', grid: true, ticks: 4 },
      marks: [
        plot.rectY(bars, { x1: ({ rank }) => rank, x2: ({ rank }) => rank + 1, y: 'count', fill: ({ fill }) => fill }),
        plot.ruleY([0]),
      ],
    });
  }, [found]);
  return <Chart label={`${found.used.length} of ${found.codebookSize} codes are used`} options={options} />;
}

/** The panel. */
export function InsidePanel() {
  const found = inside.value;
  return (
    <>
      <Failure text={failures.value.inside} />
      <Choice
        legend="On the right"
        value={layer.value}
        options={{ codes: 'Codes', bits: 'Bits' }}
        onChoose={(value) => (layer.value = value)}
      />
      <p class="hint">
        {layer.value === 'codes'
          ? 'Each square is one code. Codes that are alike have colours that are alike.'
          : `From none (dark) to ${fixed(found?.maxBits, 1)} bits (pale): where the photo is hard to foresee, it costs more.`}
      </p>
      {found && found.planes > 1 && (
        <label class="field">
          <span>Index</span>
          <select value={found.plane} onChange={(event) => void look(Number(event.currentTarget.value))}>
            {Array.from({ length: found.planes }, (_, plane) => (
              <option key={plane} value={plane}>
                {plane + 1} of {found.planes}
              </option>
            ))}
          </select>
        </label>
      )}
      {found && (
        <>
          <Pointed found={found} />
          <section class="facts">
            <h2>Use of the codes</h2>
            <Usage found={found} />
          </section>
          <Facts
            title="In numbers"
            rows={[
              ['Positions', `${found.grid.width} × ${found.grid.height}`, 'positions'],
              ['Codes used', `${found.used.length} of ${found.codebookSize}`, 'used-codes'],
              ['Perplexity', fixed(found.perplexity, 1), 'perplexity'],
              ['Bits a position', fixed(found.meanBits, 2), 'mean-bits'],
              ['Of its fixed length', percentText(found.meanBits / found.fixedBits, 0), 'share'],
            ]}
          />
        </>
      )}
    </>
  );
}
