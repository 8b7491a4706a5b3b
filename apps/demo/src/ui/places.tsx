/** Where it runs: what there is, why something is not, and how much memory it holds. */
import { useSignal } from '@preact/signals';
import { megabytesText, timeText } from '../format.ts';
import { stop, wish } from '../state/actions.ts';
import { choosePlace, chosen, connect, maxThreads, place, placeTitles, reasons, threads } from '../state/engine.ts';
import { again, opened, times } from '../state/photo.ts';
import { goTo, tab } from '../state/tabs.ts';
import { type PlaceName, placeNames } from '../worker/place.ts';
import { Facts } from './facts.tsx';
import { Icon } from './icon.tsx';

const words: Readonly<Record<PlaceName, string>> = {
  webgpu: 'the graphics card, by our own kernels',
  wasm: 'the processor, by ONNX Runtime',
  webgl: 'the graphics card, by TensorFlow.js',
  cpu: 'slow and plain: a minute for a photo',
};

function change(name: PlaceName | 'auto', count?: number): void {
  void wish(async () => {
    await stop();
    choosePlace(name, count);
    if (!opened.value) return;
    await again();
    goTo(tab.value);
  });
}

/** The button in the bar with what opens under it. */
export function Places() {
  const held = useSignal<number | undefined>(undefined);
  const onToggle = async (event: ToggleEvent): Promise<void> => {
    if (event.newState !== 'open' || place.value === undefined) return;
    const { remote } = await connect();
    held.value = (await remote.memory()).bytes;
  };
  const option = (name: PlaceName | 'auto', title: string, about: string | undefined) => (
    <label class="option" key={name}>
      <input type="radio" name="place" checked={chosen.value === name} onChange={() => change(name)} />
      <span>
        {title}
        <small>{about}</small>
      </span>
    </label>
  );
  const { open, encode, decode } = times.value;
  const total = open !== undefined && encode !== undefined && decode !== undefined ? open + encode + decode : undefined;
  return (
    <>
      <button type="button" class="quiet place" popovertarget="places">
        <Icon name="place" />
        <span>{place.value ? placeTitles[place.value.name] : 'Where it runs'}</span>
      </button>
      <div id="places" class="places" popover="auto" onToggle={onToggle}>
        <fieldset>
          <legend>Where it runs</legend>
          {option('auto', 'The best that works', place.value?.device)}
          {placeNames.map((name) => option(name, placeTitles[name], reasons.value[name] ?? words[name]))}
        </fieldset>
        {maxThreads > 1 && (
          <label class="field">
            <span>Threads of WebAssembly</span>
            <select value={threads.value} onChange={(event) => change(chosen.value, Number(event.currentTarget.value))}>
              {Array.from({ length: maxThreads }, (_, i) => (
                <option key={i} value={i + 1}>
                  {i + 1}
                </option>
              ))}
            </select>
          </label>
        )}
        {place.value && (
          <Facts
            title="Now"
            rows={[
              ['Device', place.value.device, 'device'],
              ['Values it holds', held.value === undefined ? '–' : megabytesText(held.value), 'memory'],
              ['From file to pixels', timeText(total), 'total'],
            ]}
          />
        )}
      </div>
    </>
  );
}
