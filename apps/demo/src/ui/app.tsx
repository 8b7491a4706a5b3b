/** The whole page: a bar, the pictures, and a panel for what is done with them. */
import { busy, failures, stop } from '../state/actions.ts';
import { notice, weightsShare } from '../state/engine.ts';
import { filesOf, openFiles } from '../state/open.ts';
import { type TabName, tab, tabNames } from '../state/tabs.ts';
import { Bar } from './bar.tsx';
import { CompressPanel } from './compress-panel.tsx';
import { DamagePanel } from './damage-panel.tsx';
import { DrawPanel } from './draw-panel.tsx';
import { EnlargePanel } from './enlarge-panel.tsx';
import { Icon } from './icon.tsx';
import { InsidePanel } from './inside-panel.tsx';
import { QuantizePanel } from './quantize-panel.tsx';
import { Start } from './start.tsx';
import { TabStage } from './tab-stage.tsx';

/** The files of a drop or a paste. */
function take(event: DragEvent | ClipboardEvent): void {
  const found = filesOf('dataTransfer' in event ? event.dataTransfer : event.clipboardData);
  if (found === undefined) return;
  event.preventDefault();
  void openFiles(found);
}

addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', take);
addEventListener('paste', take);

/** What is being done, how far it is, and a way to stop it. */
function Progress() {
  if (busy.value === undefined) return null;
  const share = weightsShare.value ?? busy.value.share;
  const label = weightsShare.value === undefined ? busy.value.label : 'Fetching the weights, once';
  return (
    <div class="progress" role="status">
      <progress value={share} max={1} aria-label={label} />
      <span>
        {label} …{share !== undefined && ` ${Math.round(100 * share)} %`}
      </span>
      <button type="button" class="quiet" onClick={() => void stop()}>
        Cancel
      </button>
    </div>
  );
}

/** What went wrong with the file, or what the page has to tell. */
function Notice() {
  const text = failures.value.photo ?? notice.value;
  if (text === undefined) return null;
  const close = (): void => {
    notice.value = undefined;
    failures.value = { ...failures.value, photo: undefined };
  };
  return (
    <div class="notice" role="alert">
      <Icon name="alert" />
      <p>{text}</p>
      <button type="button" class="quiet" onClick={close} aria-label="Close">
        <Icon name="close" />
      </button>
    </div>
  );
}

const panels = {
  compress: CompressPanel,
  inside: InsidePanel,
  damage: DamagePanel,
  enlarge: EnlargePanel,
  quantize: QuantizePanel,
  draw: DrawPanel,
} as const satisfies Record<TabName, unknown>;

/** The page. */
export function App() {
  const isOpen = tabNames().length > 0;
  const Panel = panels[tab.value];
  return (
    <div class={isOpen ? 'page open' : 'page'}>
      <Bar />
      {isOpen ? (
        <main>
          <h1 class="unseen">vqkit</h1>
          <section class="stage" aria-label="Pictures">
            <TabStage />
            <Progress />
            <Notice />
          </section>
          <div class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${tab.value}`}>
            <Panel />
          </div>
        </main>
      ) : (
        <Start>
          <Progress />
          <Notice />
        </Start>
      )}
    </div>
  );
}
