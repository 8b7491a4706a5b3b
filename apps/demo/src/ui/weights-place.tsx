/** Where weights are missing: how to get them, and a place to drop them. */
import type { BroughtKind } from '../worker/brought.ts';
import { FileButton } from './file-button.tsx';

/** What the page cannot do without them, and the commands that train them, the last of which publishes their folder. */
const words: Readonly<Record<Exclude<BroughtKind, 'lpips'>, readonly [what: string, ...recipes: string[]]>> = {
  enlarge: ['Enlarging', 'sr-tokenizer', 'sr-predictor', 'sr-rap'],
  draw: ['Drawing new pictures', 'generator'],
  conceal: ['Filling in by a transformer', 'index-transformer'],
};

/** The place. */
export function WeightsPlace({ kind }: { readonly kind: keyof typeof words }) {
  const [what, ...recipes] = words[kind];
  const last = recipes.length > 1 ? 'the last one' : 'it';
  return (
    <div class="weights-place" data-weights={kind}>
      <p>
        {what} takes weights that do not come with this page. Train them with{' '}
        {recipes.map((recipe, i) => (
          <>
            {i > 0 && (i === recipes.length - 1 ? ' and ' : ', ')}
            <code>{i === 0 ? `vqkit train ${recipe}` : recipe}</code>
          </>
        ))}
        , then drop the folder that {last} wrote anywhere on this page, or choose its files <code>manifest.json</code>{' '}
        and <code>weights.safetensors</code>. They stay on your machine.
      </p>
      <FileButton class="" label="Choose weights" />
    </div>
  );
}
