/** Where weights are missing: how to get them, and a place to drop them. */
import type { BroughtKind } from '../worker/brought.ts';
import { FileButton } from './file-button.tsx';

/** What the page cannot do without them, and the recipe that trains them. */
const words: Readonly<Record<Exclude<BroughtKind, 'lpips' | 'enlarge'>, readonly [what: string, recipe: string]>> = {
  draw: ['Drawing new pictures', 'generator'],
  conceal: ['Filling in by a transformer', 'index-transformer'],
};

/** The place. */
export function WeightsPlace({ kind }: { readonly kind: keyof typeof words }) {
  const [what, recipe] = words[kind];
  return (
    <div class="weights-place" data-weights={kind}>
      <p>
        {what} takes weights that do not come with this page. Train them with <code>vqkit train {recipe}</code>, then
        drop the folder that it wrote anywhere on this page, or choose its files <code>manifest.json</code> and{' '}
        <code>weights.safetensors</code>. They stay on your machine.
      </p>
      <FileButton class="" label="Choose weights" />
    </div>
  );
}
