/** A button that opens the file dialog. */
import { openFiles } from '../state/open.ts';
import { Icon } from './icon.tsx';

/** A label around a real file input, so that keyboards and screen readers find it. */
export function FileButton({ label, class: look }: { readonly label: string; readonly class: string }) {
  const onChange = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    const found = [...(input.files ?? [])];
    if (found.length > 0) void openFiles(found);
    // the same file can be chosen again
    input.value = '';
  };
  return (
    <label class={`button ${look}`}>
      <input
        type="file"
        multiple
        accept="image/*,.vqk,.json,.safetensors,.pth"
        onChange={onChange}
        aria-label={label}
      />
      <Icon name="open" />
      <span>{label}</span>
    </label>
  );
}
