/** Enlarge: how large it is to be, and what it became. */
import { bytesText, timeText } from '../format.ts';
import { busy, failures } from '../state/actions.ts';
import { enlarge, enlarged, type Growth, wanted, wantedSize } from '../state/enlarge.ts';
import { opened } from '../state/photo.ts';
import { brought } from '../state/weights.ts';
import type { EnlargeWeights } from '../worker/brought.ts';
import { Failure } from './compress-panel.tsx';
import { Facts } from './facts.tsx';
import { Choice, NumberField } from './fields.tsx';
import { Icon } from './icon.tsx';
import { save } from './save.ts';

/** The panel. */
export function EnlargePanel() {
  const { of, weights, growth, width } = wanted.value;
  const set = (change: Partial<typeof wanted.value>): void => {
    wanted.value = { ...wanted.value, ...change };
  };
  const size = wantedSize();
  const file = enlarged.value?.file;
  return (
    <>
      {opened.value?.isPhoto && (
        <Choice
          legend="What"
          value={of}
          options={{ original: 'The photo', restored: 'What was restored' }}
          onChoose={(value) => set({ of: value })}
        />
      )}
      <Choice<EnlargeWeights>
        legend="Made for"
        value={weights}
        options={
          {
            clean: 'Clean images',
            web: 'Photos from the web',
            ...(brought.value.enlarge && { brought: 'Your weights' }),
          } as Record<EnlargeWeights, string>
        }
        onChoose={(value) => set({ weights: value })}
      />
      <Choice<Growth>
        legend="How much"
        value={growth}
        options={{ 2: '×2', 3: '×3', 4: '×4', width: 'Width' }}
        onChoose={(value) => set({ growth: value })}
      />
      {growth === 'width' && (
        <NumberField label="Width in pixels" min={1} value={width} onNumber={(value) => set({ width: value })} />
      )}
      <button type="button" class="primary" disabled={busy.value !== undefined} onClick={() => void enlarge()}>
        <Icon name="play" />
        Enlarge{size && ` to ${size.width} × ${size.height}`}
      </button>
      <Failure text={failures.value.enlarge} />
      {file ? (
        <>
          <button type="button" onClick={() => save(file.png, `-${file.width}.png`)}>
            <Icon name="download" />
            Save .png
          </button>
          <Facts
            title="What it became"
            rows={[
              ['Pixels', `${file.width} × ${file.height}`, 'enlarged-size'],
              ['File', bytesText(file.png.size), 'enlarged-bytes'],
              ['Time', timeText(file.ms), 'enlarged-time'],
            ]}
          />
        </>
      ) : (
        <p class="hint">
          Details that the small picture has lost are chosen from learned textures, part by part
          {weights === 'brought'
            ? ', by the weights that you brought.'
            : '. The weights, 6.5 MB, are fetched the first time; those of vqkit train sr-rap may be dropped in their place.'}
        </p>
      )}
    </>
  );
}
