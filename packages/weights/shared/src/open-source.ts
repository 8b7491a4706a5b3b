/**
 * Reads the files of a weights package from wherever they are: checked, with progress, and kept in Cache Storage if wanted.
 * This folder is no package: each weights package has it in its bundle, so that it depends on nothing.
 */
import { WeightsError } from './errors.ts';
import { type Patience, patience } from './patience.ts';

/** One file. */
export interface FileFacts {
  readonly url: URL;
  readonly bytes: number;
  /** Of the content, in hexadecimal digits. */
  readonly sha256: string;
}

/** What a weights package is made of. */
export interface Contents {
  /** What its users call it: `photo` in `import * as photo`. */
  readonly name: string;
  readonly manifest: { readonly id: string };
  /** Facts about each file. */
  readonly files: Readonly<Record<string, FileFacts>>;
}

/** Names of the files of a package. */
export type FileOf<C extends Contents> = keyof C['files'] & string;

/** Fetches one file by its name, e.g. from a table of addresses that a bundler made. */
export type FetchFile<File extends string = string> = (file: File, init: LoadOptions) => Promise<Response>;

/** How far a download is. */
export interface LoadProgress<File extends string = string> {
  readonly file: File;
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** Options of `from`. */
export interface FromOptions<File extends string = string> {
  /** Called as the bytes of a file arrive. */
  readonly onProgress?: (progress: LoadProgress<File>) => void;
  /** Name of a cache in Cache Storage where files are kept by their digest. Default: what HTTP caches by itself. */
  readonly cache?: string;
  /** Milliseconds to wait for an answer, and for every 64 KiB of it. Default 30,000. */
  readonly patienceMs?: number;
}

/** Options of `load`. */
export interface LoadOptions {
  readonly signal?: AbortSignal;
}

/** A weights package with its files from somewhere. */
export interface Weights<C extends Contents> {
  readonly manifest: C['manifest'];
  /** Reads one file whole. @throws WeightsError `WEIGHTS_UNREACHABLE`, `WEIGHTS_DAMAGED`, `FILE_UNKNOWN`; the signal's reason. */
  load(file: string, options?: LoadOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/** Where the files are: their folder, a function that fetches one by its name, or `files` for where they are anyway. */
export type Source<C extends Contents> = string | URL | FetchFile<FileOf<C>> | C['files'];

/** What a runtime has its own way of. */
export interface Platform {
  /** The address of a folder, which ends in a slash. */
  resolve(folder: string): URL;
  /** Reads from an address; from disk the bytes come at once. */
  read(url: URL, init: LoadOptions): Promise<Response | Uint8Array<ArrayBuffer>>;
}

/** The functions of an entry. */
export interface Entry<C extends Contents> {
  /**
   * The same weights with their files from somewhere else, with progress, or kept in Cache Storage.
   *
   * @param source  A URL of the folder, in Node also a path, relative to the page or the worker's script in browsers; a
   *   function that fetches a file by its name; or `files`.
   * @example
   * const codec = await createCodec(photo.from('https://cdn.example/weights-photo/'), { backend });
   * const upscaler = await createUpscaler(sr.from(sr.files, { onProgress, cache: 'vqkit' }), { backend });
   */
  from(source: Source<C>, options?: FromOptions<FileOf<C>>): Weights<C>;
  /**
   * Reads one of the files: from disk in Node, by `fetch` elsewhere.
   *
   * @param file  A name in `files`.
   * @returns The whole file.
   * @throws WeightsError `WEIGHTS_UNREACHABLE`, `WEIGHTS_DAMAGED`, `FILE_UNKNOWN`; the signal's reason.
   */
  load(file: string, options?: LoadOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/** The functions of an entry, on its platform. */
export function entryOf<C extends Contents>(contents: C, platform: Platform): Entry<C> {
  const from: Entry<C>['from'] = (source, options = {}) => openSource(contents, source, options, platform);
  return { from, load: (file, options) => from(contents.files).load(file, options) };
}

/** The package with its files from a source. */
function openSource<C extends Contents>(
  contents: C,
  source: Source<C>,
  options: FromOptions<FileOf<C>>,
  platform: Platform,
): Weights<C> {
  const { manifest, files } = contents;
  const urlOf = (file: string): URL =>
    source === files ? files[file]!.url : new URL(file, platform.resolve(`${source}`.replace(/\/?$/, '/')));
  const [read, placeOf] =
    typeof source === 'function'
      ? [source, (file: string) => `'${file}', as the application fetches it`]
      : [(file: string, init: LoadOptions) => platform.read(urlOf(file), init), (file: string) => urlOf(file).href];
  const isFile = (name: string): name is FileOf<C> => Object.hasOwn(files, name);
  return {
    manifest,
    load: async (file, { signal } = {}) => {
      if (!isFile(file)) {
        const known = Object.keys(files).join(', ');
        throw new WeightsError('FILE_UNKNOWN', `expected one of ${known}, got '${file}'`, 'Name one of those');
      }
      const kept = await openCache(options.cache);
      const key = `https://vqkit.invalid/${files[file]!.sha256}`;
      const found = await kept?.match(key);
      if (found) return new Uint8Array(await found.arrayBuffer());
      const place = placeOf(file);
      const waiting = patience(options.patienceMs ?? 30_000, signal);
      try {
        const answer = await waiting.wait(read(file, { signal: waiting.signal })).catch((cause: unknown) => {
          throw signal?.aborted ? signal.reason : unreachable(contents, place, reasonOf(cause), cause);
        });
        if (answer instanceof Uint8Array) return answer;
        const bytes = await download(contents, answer, file, place, { ...options, signal, waiting });
        // a full disc is no reason to fail
        await kept?.put(key, new Response(bytes)).catch(() => undefined);
        return bytes;
      } finally {
        waiting.end();
      }
    },
  };
}

/** Pages that were not loaded over https have no Cache Storage; nothing is kept then. */
async function openCache(name: string | undefined): Promise<Cache | undefined> {
  if (name === undefined || globalThis.caches === undefined) return undefined;
  return caches.open(name).catch(() => undefined); // private windows may refuse
}

/** Bytes that have to come within the patience: what drips is as good as nothing. */
const pieceBytes = 65_536;

async function download<C extends Contents>(
  contents: C,
  response: Response,
  file: FileOf<C>,
  place: string,
  { onProgress, signal, waiting }: FromOptions<FileOf<C>> & LoadOptions & { readonly waiting: Patience },
): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) throw unreachable(contents, place, `HTTP status ${response.status}`);
  // servers of single-page applications answer so when there is no such file
  if (response.headers.get('content-type')?.startsWith('text/html')) throw unreachable(contents, place, 'an HTML page');
  const facts = contents.files[file]!;
  const bytes = new Uint8Array(facts.bytes);
  let [loaded, due] = [0, 0];
  const reader = response.body?.getReader();
  for (;;) {
    if (loaded >= due) {
      due = loaded + pieceBytes;
      waiting.renew();
    }
    const { done, value } = reader
      ? await waiting.wait(reader.read()).catch((cause: unknown) => {
          throw signal?.aborted
            ? signal.reason
            : unreachable(contents, place, `the first ${loaded} bytes: ${reasonOf(cause)}`, cause);
        })
      : { done: true };
    if (done || !value) break;
    if (loaded + value.length <= bytes.length) bytes.set(value, loaded);
    loaded += value.length;
    if (loaded > bytes.length) break;
    onProgress?.({ file, loadedBytes: loaded, totalBytes: bytes.length });
  }
  if (loaded === bytes.length && (await hasDigest(bytes, facts.sha256))) return bytes;
  throw new WeightsError(
    'WEIGHTS_DAMAGED',
    `expected ${facts.bytes} bytes with the SHA-256 ${facts.sha256.slice(0, 12)}… at ${place}, got ${loaded > bytes.length ? 'more' : loaded} bytes`,
    `Serve the files of this version of the package, whose weights are '${contents.manifest.id}'`,
  );
}

/** Whether the content is right; only secure pages can compute digests, others trust the size. */
async function hasDigest(bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<boolean> {
  if (globalThis.crypto?.subtle === undefined) return true;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === sha256;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function unreachable({ name }: Contents, place: string, got: string, cause?: unknown): WeightsError {
  const fix = `Serve the package's files folder and say where: ${name}.from('/weights/'); docs/bundlers.md of vqkit has a line for each bundler`;
  return new WeightsError('WEIGHTS_UNREACHABLE', `expected the weights at ${place}, got ${got}`, fix, cause);
}
