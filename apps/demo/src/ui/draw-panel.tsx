/** Draw: new images by a generator. */
import { timeText } from '../format.ts';
import { busy, failures } from '../state/actions.ts';
import { draw, drawing, drawRequest } from '../state/draw.ts';
import { brought } from '../state/weights.ts';
import { Failure } from './compress-panel.tsx';
import { Facts } from './facts.tsx';
import { SeedField, Slide } from './fields.tsx';
import { Icon } from './icon.tsx';
import { save } from './save.ts';
import { WeightsPlace } from './weights-place.tsx';

/** The panel. */
export function DrawPanel() {
  const weights = brought.value.draw;
  if (!weights) return <WeightsPlace what="Drawing new pictures" recipe="generator" />;
  const { count, seed, label } = drawRequest.value;
  const set = (change: Partial<typeof drawRequest.value>): void => {
    drawRequest.value = { ...drawRequest.value, ...change };
  };
  const { classes = 0 } = weights;
  const drawn = drawing.value;
  return (
    <>
      <Slide
        label="Images"
        value={count}
        min={1}
        max={64}
        text={`${count}`}
        onSlide={(value) => set({ count: value })}
      />
      {classes > 0 && (
        <label class="field">
          <span>Class</span>
          <select
            value={label ?? 'each'}
            onChange={({ currentTarget: { value } }) => set({ label: value === 'each' ? undefined : Number(value) })}
          >
            <option value="each">each in turn</option>
            {Array.from({ length: classes }, (_, i) => (
              <option key={i} value={i}>
                {i}
              </option>
            ))}
          </select>
        </label>
      )}
      <SeedField
        seed={seed}
        onSeed={(value) => set({ seed: value })}
        onOthers={(value) => void draw({ seed: value })}
      />
      <button type="button" class="primary" disabled={busy.value !== undefined} onClick={() => void draw()}>
        <Icon name="play" />
        Draw
      </button>
      <Failure text={failures.value.draw} />
      {drawn ? (
        <>
          <button type="button" onClick={() => save(drawn.png, `-drawn-${drawn.seed}.png`)}>
            <Icon name="download" />
            Save .png
          </button>
          <Facts
            title="What was drawn"
            rows={[
              ['Images', `${drawn.count} of ${drawn.width} × ${drawn.height}`, 'drawn-images'],
              ['Seed', `${drawn.seed}`, 'drawn-seed'],
              ['Indices', drawn.indices ?? '–', 'drawn-indices'],
              ['Time', timeText(drawn.ms), 'drawn-time'],
            ]}
          />
          <p class="hint">
            <code>vqkit generate --json</code> prints the same <code>indices</code> for the same images.
          </p>
        </>
      ) : (
        <p class="hint">A network draws grids of codes, and the decoder makes pictures of them.</p>
      )}
    </>
  );
}
