/** Where weights are missing: how to get them, and a place to drop them. */
import { FileButton } from './file-button.tsx';

/** What the page cannot do without them, and the recipe that trains them. */
export function WeightsPlace({ what, recipe }: { readonly what: string; readonly recipe: string }) {
  return (
    <div class="weights-place">
      <p>
        {what} takes weights that do not come with this page. Train them with <code>vqkit train {recipe}</code>, then
        drop the folder that it wrote anywhere on this page, or choose its files <code>manifest.json</code> and{' '}
        <code>weights.safetensors</code>. They stay on your machine.
      </p>
      <FileButton class="" label="Choose weights" />
    </div>
  );
}
