/** Fields that several panels have. */
import { Icon } from './icon.tsx';

interface ChoiceProps<Value extends string> {
  readonly legend: string;
  readonly value: Value;
  readonly options: Readonly<Record<Value, string>>;
  readonly onChoose: (value: Value) => void;
}

/** One of a few, side by side. */
export function Choice<Value extends string>({ legend, value, options, onChoose }: ChoiceProps<Value>) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {(Object.entries(options) as [Value, string][]).map(([name, title]) => (
        <label key={name}>
          <input type="radio" name={legend} checked={value === name} onChange={() => onChoose(name)} />
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface SlideProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** The value in words. */
  readonly text: string;
  readonly onSlide: (value: number) => void;
}

/** A slider with its value. */
export function Slide({ label, value, min, max, step = 1, text, onSlide }: SlideProps) {
  return (
    <label class="slide">
      <span>{label}</span>
      <output>{text}</output>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={text}
        min={min}
        max={max}
        step={step}
        value={value}
        onInput={(event) => onSlide(Number(event.currentTarget.value))}
      />
    </label>
  );
}

/** Yes or no. */
export function Check({
  label,
  checked,
  onCheck,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onCheck: (checked: boolean) => void;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onCheck(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly min: number;
  readonly value: number;
  readonly onNumber: (value: number) => void;
}

/** A whole number. */
export function NumberField({ label, min, value, onNumber }: NumberFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min={min}
        step={1}
        value={value}
        onChange={({ currentTarget }) => onNumber(Math.max(min, Math.trunc(Number(currentTarget.value)) || 0))}
      />
    </label>
  );
}

interface SeedFieldProps {
  readonly seed: number;
  readonly onSeed: (seed: number) => void;
  /** Told the next seed when the visitor wants others. */
  readonly onOthers: (seed: number) => void;
}

/** A seed, and a button for the next. */
export function SeedField({ seed, onSeed, onOthers }: SeedFieldProps) {
  return (
    <div class="row">
      <NumberField label="Seed" min={0} value={seed} onNumber={onSeed} />
      <button type="button" onClick={() => onOthers(seed + 1)}>
        <Icon name="dice" />
        Others
      </button>
    </div>
  );
}
