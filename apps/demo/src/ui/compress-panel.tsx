/** Compress: how large the file may be, what it became, and how good it is. */
import { bytesText, fixed, timeText } from '../format.ts';
import { act, failures, wish } from '../state/actions.ts';
import {
  alpha,
  compressSoon,
  type Effort,
  effort,
  file,
  judged,
  opened,
  type RateUnit,
  rate,
  setAlpha,
  setEffort,
  times,
} from '../state/photo.ts';
import { pictures } from '../state/pictures.ts';
import { brought } from '../state/weights.ts';
import { Facts } from './facts.tsx';
import { Choice } from './fields.tsx';
import { Icon } from './icon.tsx';
import { Rivals } from './rivals.tsx';
import { save } from './save.ts';

/** Efforts by name, from 0 to 3. */
const efforts: Record<Effort, string> = { none: 'None', little: 'Little', more: 'More', most: 'Most' };

/** Where the slider of the rate ends, in bits per pixel. */
const range = { least: 0.004, most: 0.06 };

/** Bits per pixel and bytes of the same file. */
function converted(value: number, from: RateUnit, to: RateUnit): number {
  if (from === to) return value;
  const { width = 768, height = 512 } = pictures.value.original ?? {};
  const bytesPerBpp = (width * height) / 8;
  return to === 'bytes' ? Math.max(1, Math.round(value * bytesPerBpp)) : Number((value / bytesPerBpp).toFixed(4));
}

function Rate() {
  const { unit, value } = rate.value;
  const set = (next: typeof rate.value): void => {
    rate.value = next;
    void compressSoon();
  };
  const setNumber = (text: string): void => {
    const number = Number(text);
    if (number > 0) set({ unit, value: unit === 'bytes' ? Math.round(number) : number });
  };
  // the slider is logarithmic: a step is a share of the file
  const { least, most } = range;
  const bpp = converted(value, unit, 'bpp');
  const position = Math.log(Math.min(most, Math.max(least, bpp)) / least) / Math.log(most / least);
  const slide = (share: number): void => {
    const chosen = Number((least * (most / least) ** share).toPrecision(2));
    set({ unit, value: converted(chosen, 'bpp', unit) });
  };
  return (
    <fieldset class="rate">
      <legend>At most</legend>
      <div class="row">
        <input
          type="number"
          aria-label="How large the file may be"
          min={0}
          step={unit === 'bpp' ? 0.001 : 10}
          value={value}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <select
          aria-label="Unit"
          value={unit}
          onChange={(event) => {
            const next = event.currentTarget.value as RateUnit;
            rate.value = { unit: next, value: converted(value, unit, next) };
          }}
        >
          <option value="bpp">bits per pixel</option>
          <option value="bytes">bytes</option>
        </select>
      </div>
      <input
        type="range"
        aria-label="Rate"
        aria-valuetext={`${bpp} bits per pixel`}
        min={0}
        max={1}
        step={0.01}
        value={position}
        onInput={(event) => slide(Number(event.currentTarget.value))}
      />
    </fieldset>
  );
}

function saveVqk(): void {
  save(new Blob([file.value!.bytes], { type: 'application/octet-stream' }), '.vqk');
}

function copyPicture(): void {
  void wish(() =>
    act('compress', async ({ engine, report }) => {
      report('Copying');
      // the promise goes in: some browsers allow the clipboard only straight after a click
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': engine.restoredPng(file.value!.bytes) })]);
    }),
  );
}

/** What went wrong here, and what to do. */
export function Failure({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p class="failure" role="alert">
      {text}
    </p>
  );
}

/** The panel. */
export function CompressPanel() {
  const info = file.value?.info;
  const { open, encode, decode, compare } = times.value;
  const quality = judged.value;
  const hasLpips = brought.value.lpips !== undefined;
  return (
    <>
      {opened.value!.isPhoto && <Rate />}
      {opened.value!.hasAlpha && (
        <Choice
          legend="Transparency"
          value={alpha.value}
          options={{ keep: 'Exact', lossy: 'Coarse', drop: 'None' }}
          onChoose={setAlpha}
        />
      )}
      {opened.value!.isPhoto && <Choice legend="Effort" value={effort.value} options={efforts} onChoose={setEffort} />}
      <Failure text={failures.value.compress} />
      {info && (
        <>
          <p class="big">
            <strong data-fact="bytes">{bytesText(info.bytes)}</strong>
            <span>
              {fixed(info.bpp, 4)} bits per pixel, {info.width} × {info.height} pixels, {info.codebookSize} codes
            </span>
          </p>
          {file.value!.isOver && (
            <p class="hint" role="status">
              This is more than was asked for, and the smallest file that there is for this picture.
            </p>
          )}
          <div class="row">
            <button type="button" class="primary" onClick={saveVqk}>
              <Icon name="download" />
              Save .vqk
            </button>
            <button type="button" onClick={copyPicture}>
              <Icon name="copy" />
              Copy picture
            </button>
          </div>
        </>
      )}
      {opened.value!.isPhoto && (
        <Facts
          title="Quality"
          rows={[
            ['PSNR', `${fixed(quality?.psnr, 2)} dB`, 'psnr'],
            ['SSIM', fixed(quality?.ssim, 4), 'ssim'],
            ['MS-SSIM', fixed(quality?.msSsim, 4), 'ms-ssim'],
            ...(hasLpips ? [['LPIPS', fixed(quality?.lpipsSqueeze, 4), 'lpips'] as const] : []),
          ]}
        />
      )}
      {opened.value!.isPhoto && info && <Rivals />}
      {!hasLpips && opened.value!.isPhoto && (
        <p class="hint">
          Drop a file with the weights of LPIPS (squeeze) to see that too; effort then looks at it as well.
        </p>
      )}
      <Facts
        title="Time"
        rows={[
          ...(opened.value!.isPhoto
            ? ([
                ['Open', timeText(open), 'open'],
                ['Encode', timeText(encode), 'encode'],
              ] as const)
            : []),
          ['Decode', timeText(decode), 'decode'],
          ...(opened.value!.isPhoto ? ([['Measure', timeText(compare), 'compare']] as const) : []),
        ]}
      />
    </>
  );
}
