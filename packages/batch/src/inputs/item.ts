/** Inputs of a batch: where each lies, and what it is called in the results. */

/** One input. */
export interface BatchItem {
  /** Unique in the batch: what its results are named after. Parts have `/` between them. */
  readonly key: string;
  /** Absolute path, or an `s3:`, `http:` or `https:` URL, of a file or of the tar that holds it. */
  readonly at: string;
  /** Its name in the tar. */
  readonly entry?: string;
  /** Where its bytes are in the tar. */
  readonly range?: { readonly offset: number; readonly size: number };
  /** Why it cannot be read, where that was found when it was listed: a tar that breaks off. */
  readonly broken?: string;
}

/** Where an item came from, for people. */
export function sourceOf({ at, entry }: Pick<BatchItem, 'at' | 'entry'>): string {
  return entry === undefined ? at : `${at}:${entry}`;
}

/** Extension in lower case, without the point. */
export function extensionOf(name: string): string {
  return /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/**
 * A key as WebDataset has it: what follows the first point of the last part would be read as an extension. Keys are unique in
 * this form too, whatever the case of their letters.
 */
export function sampleKey(key: string): string {
  return key.replace(/[^/]*$/, (name) => name.replaceAll('.', '_'));
}

/** Makes keys of names in the order in which they come: without extension, safe as paths, none twice. */
export function keyMaker(): (name: string) => string {
  const seen = new Set<string>();
  const isNew = (key: string): boolean => {
    const form = sampleKey(key).toLowerCase();
    return !seen.has(form) && seen.add(form) !== undefined;
  };
  return (name) => {
    const extension = extensionOf(name);
    const stem = extension === '' ? name : name.slice(0, -extension.length - 1);
    // Names come from strangers' archives too: nothing leads out of the folder of results.
    const parts = stem.split(/[/\\]+/).filter((part) => !['', '.', '..'].includes(part));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they may stand in names.
    const key = parts.map((part) => part.replace(/[<>:"|?*\x00-\x1f]/g, '_').replace(/^\./, '_')).join('/') || 'image';
    if (isNew(key)) return key;
    if (extension !== '' && isNew(`${key}_${extension}`)) return `${key}_${extension}`;
    for (let i = 2; ; i++) if (isNew(`${key}_${i}`)) return `${key}_${i}`;
  };
}
