/**
 * Weights that visitors bring, through one door: the files of a folder that `vqkit train` published, told apart by their
 * manifest, or one file of LPIPS. What opens them is loaded when they are there.
 */
import type { TransformerConceal } from '@vqkit/codec/transformer';
import type { Upscaler } from '@vqkit/sr';
import { manifestFile, type WeightsPackage, weightsOf } from '@vqkit/tokenizer';
import type { Generator } from '@vqkit/tokenizer/generation';
import { namedQuantizers as quantizers } from './playground.ts';
import type { OnShare, Session } from './session.ts';
import { weightsCache } from './transfer.ts';

/** What weights of visitors are for. */
export type BroughtKind = 'lpips' | 'enlarge' | 'draw' | 'conceal';

/** What the page is told about them. */
export interface BroughtFacts {
  readonly kind: BroughtKind;
  /** Of those that draw: 0 for none. */
  readonly classes?: number;
}

/** What was made of them; the transformer is the page's until a visitor brings one. */
export interface Brought {
  upscaler?: Upscaler;
  generator?: Generator;
  transformer?: TransformerConceal;
}

type Open = (session: Session, weights: WeightsPackage) => Promise<BroughtFacts>;

/** Puts something in the place of what was brought before. */
function replace<Name extends keyof Brought>(
  { brought }: Session,
  name: Name,
  value: NonNullable<Brought[Name]>,
): void {
  brought[name]?.dispose();
  brought[name] = value as Brought[Name];
}

const draw: Open = async (session, weights) => {
  const { createGenerator } = await import('@vqkit/tokenizer/generation');
  const generator = await createGenerator(weights, { backend: session.place.backend, quantizers });
  replace(session, 'generator', generator);
  return { kind: 'draw', classes: generator.classes };
};

/** The page's own weights that enlarge, by what they are for: clean images, or photos as they are on the web. */
const published = {
  clean: () => import('@vqkit/weights-sr-x4'),
  web: () => import('@vqkit/weights-sr-x4-real'),
} as const;

/** Weights that enlarge: those of the page, or the visitor's. */
export type EnlargeWeights = keyof typeof published | 'brought';

/** What enlarges; weights of the page are fetched when they are first needed. */
export async function upscalerOf(session: Session, name: EnlargeWeights, onShare: OnShare): Promise<Upscaler> {
  const known = name === 'brought' ? session.brought.upscaler! : session.enlargers[name];
  if (known || name === 'brought') return known!;
  const [{ createUpscaler }, sr] = await Promise.all([import('@vqkit/sr'), published[name]()]);
  const weights = sr.from(sr.files, {
    cache: weightsCache,
    onProgress: ({ loadedBytes, totalBytes }) => onShare(loadedBytes / totalBytes),
  });
  const made = await createUpscaler(weights, { backend: session.place.backend });
  session.enlargers[name] ??= made;
  // another may have come meanwhile
  if (session.enlargers[name] !== made) made.dispose();
  return session.enlargers[name];
}

/** What fills in lost codes: the visitor's, or the page's, which is fetched when it is first needed. */
export async function transformerOf(session: Session, onShare: OnShare): Promise<TransformerConceal> {
  const { brought, place } = session;
  if (brought.transformer) return brought.transformer;
  const [{ transformerConceal }, transformer] = await Promise.all([
    import('@vqkit/codec/transformer'),
    import('@vqkit/weights-photo-transformer'),
  ]);
  const weights = transformer.from(transformer.files, {
    cache: weightsCache,
    onProgress: ({ loadedBytes, totalBytes }) => onShare(loadedBytes / totalBytes),
  });
  const made = await transformerConceal(weights, { backend: place.backend });
  brought.transformer ??= made;
  // another may have come meanwhile
  if (brought.transformer !== made) made.dispose();
  return brought.transformer;
}

/** By architecture. */
const openers: Readonly<Record<string, Open>> = {
  'tvq-rap': async (session, weights) => {
    const { createUpscaler } = await import('@vqkit/sr');
    replace(session, 'upscaler', await createUpscaler(weights, { backend: session.place.backend, quantizers }));
    return { kind: 'enlarge' };
  },
  'index-generator': draw,
  'latent-flow': draw,
  'index-transformer': async (session, weights) => {
    const { transformerConceal } = await import('@vqkit/codec/transformer');
    const transformer = await transformerConceal(weights, { backend: session.place.backend });
    const { id } = session.weights.manifest;
    if (transformer.tokenizer !== id) {
      transformer.dispose();
      throw new Error(
        `expected a transformer for codes of '${id}', got one for those of '${transformer.tokenizer}'. Train it with --tokenizer @vqkit/weights-photo`,
      );
    }
    replace(session, 'transformer', transformer);
    return { kind: 'conceal' };
  },
};

/** Files as a package; those that are not asked for are not read. @throws TokenizerError `MANIFEST_INVALID` */
async function packageOf(manifest: File, files: readonly File[]): Promise<WeightsPackage> {
  const bytesOf = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());
  const alone = weightsOf({ [manifestFile]: await bytesOf(manifest) }, 'what was dropped');
  return {
    manifest: alone.manifest,
    load: (name, options) => {
      const found = files.find((file) => file.name === name);
      return found ? bytesOf(found) : alone.load(name, options);
    },
  };
}

/**
 * Opens weights and keeps them in the session.
 *
 * @throws Error for weights of another kind; errors of the packages behind it.
 */
export async function bring(session: Session, files: readonly File[]): Promise<BroughtFacts> {
  const manifest = files.find(({ name }) => name === manifestFile);
  if (manifest === undefined) {
    await session.useLpips(files[0]!).catch((error: Error) => {
      throw new Error(
        `${error.message.replace(/\.?$/, '.')} Weights that vqkit trained come with ${manifestFile}: drop both files, or their folder`,
        { cause: error },
      );
    });
    return { kind: 'lpips' };
  }
  const weights = await packageOf(manifest, files);
  const { id, architecture } = weights.manifest;
  const open = Object.hasOwn(openers, architecture) ? openers[architecture] : undefined;
  if (open) return open(session, weights);
  throw new Error(
    `expected weights that enlarge, draw or fill in, got '${id}' of '${architecture}'. This page compresses with weights of its own`,
  );
}
