/**
 * The inputs of a batch in an order that is the same every time: files of folders and of S3 prefixes by name, entries of tars
 * as they stand there, lines of lists. Nothing is held but the keys.
 */
import { createReadStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { fetchBytes } from '@vqkit/core';
import { extract } from 'tar-stream';
import { BatchError, reasonOf } from '../errors.ts';
import { isS3, listS3, streamS3 } from '../storage/s3.ts';
import { type BatchItem, extensionOf, keyMaker } from './item.ts';
import { maxBytes } from './read-item.ts';

/** An item before it has a key. */
interface Found extends Omit<BatchItem, 'key'> {
  /** What its key is made of. */
  readonly name: string;
}

const isUrl = (text: string): boolean => /^(s3|https?):\/\//.test(text);

/** Where inputs are not looked for. */
export interface ListOptions {
  /** A folder that is passed over where others hold it: that of the results. */
  readonly except?: string;
}

/**
 * Lists inputs. A file that is named twice comes once, and so do folders that links lead to again. A tar that breaks off gives what comes before, and
 * itself as an input that cannot be read.
 *
 * @param sources  Folders (with all below them), tars, files, `s3://bucket/prefix`, and lists: text files with a path or URL a line, relative
 *   to the list. Tars are also looked into where a folder or a list names them.
 * @param extensions  What an input ends in, in lower case, such as `['png', 'jpg']`; all else in folders and tars is passed over, hidden files too.
 * @throws BatchError `INPUT_UNREADABLE`
 */
export async function* listInputs(
  sources: readonly string[],
  extensions: readonly string[],
  { except }: ListOptions = {},
): AsyncGenerator<BatchItem, void, undefined> {
  const makeKey = keyMaker();
  const seen = new Set<string>();
  const passed = except === undefined || isUrl(except) ? undefined : await statsAt(except);
  for (const source of sources) {
    const folders = new Set<string>(passed ? [identityOf(passed)] : []);
    for await (const { name, ...found } of foundIn(source, extensions, folders)) {
      const place = `${found.at}\0${found.entry ?? ''}`;
      if (!seen.has(place)) yield { key: makeKey(name), ...found };
      seen.add(place);
    }
  }
}

const statsAt = (path: string): Promise<Stats | undefined> => stat(path).catch(() => undefined);

const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

/** @param folders  What is not looked into, as `identityOf` has it; grows. */
async function* foundIn(source: string, extensions: readonly string[], folders: Set<string>): AsyncGenerator<Found> {
  const at = isUrl(source) ? source : resolve(source);
  try {
    const isFolder = isS3(at)
      ? extensionOf(at) === '' || at.endsWith('/')
      : !isUrl(at) && (await stat(at)).isDirectory();
    if (isFolder) {
      if (!isS3(at)) folders.add(identityOf(await stat(at)));
      const files = isS3(at) ? inPrefix(at.replace(/\/*$/, '/')) : inFolder(at, '', folders);
      for await (const file of files) yield* named(file, extensions, false);
      return;
    }
    yield* named({ at, name: baseName(at) }, extensions, true);
  } catch (cause) {
    if (cause instanceof BatchError) throw cause;
    throw new BatchError({
      code: 'INPUT_UNREADABLE',
      message: `expected a folder, a tar or a list of inputs at '${source}', got: ${reasonOf(cause)}`,
      fix: 'Check the path and its permissions',
      cause,
    });
  }
}

/** What a name stands for: an input, the inputs in a tar, or those in a list. */
async function* named(file: Found, extensions: readonly string[], isGiven: boolean): AsyncGenerator<Found> {
  const extension = extensionOf(file.name);
  if (extensions.includes(extension)) yield file;
  else if (extension === 'tar') yield* inTar(file, extensions, isGiven);
  else if (isGiven) yield* inList(file.at, extensions);
}

function baseName(at: string): string {
  return at
    .split(/[/\\]/)
    .at(-1)!
    .replace(/[?#].*$/, '');
}

const isHidden = (name: string): boolean => name.split('/').some((part) => /^\.(?!\.?$)/.test(part));

async function* inFolder(folder: string, prefix: string, folders: Set<string>): AsyncGenerator<Found> {
  const names = (await readdir(folder)).filter((name) => !isHidden(name)).sort();
  for (const name of names) {
    const at = join(folder, name);
    // A link that leads nowhere is an input that cannot be read, and is reported as such.
    const found = await statsAt(at);
    if (!found?.isDirectory()) yield { at, name: prefix + name };
    else if (!folders.has(identityOf(found))) {
      folders.add(identityOf(found)); // links may lead in circles
      yield* inFolder(at, `${prefix}${name}/`, folders);
    }
  }
}

async function* inPrefix(prefix: string): AsyncGenerator<Found> {
  for await (const at of listS3(prefix)) {
    const name = at.slice(prefix.length);
    if (!isHidden(name)) yield { at, name };
  }
}

async function openStream(at: string): Promise<Readable> {
  // A list behind http is read at once: a server does not wait while the work on its first lines is done.
  if (/^https?:/.test(at)) return Readable.from([await fetchBytes(at, { maxBytes })]);
  if (!isS3(at)) {
    // Inputs are listed twice, and a pipe gives its lines once.
    if (!(await stat(at)).isFile()) throw new Error('a pipe or a device');
    return createReadStream(at);
  }
  const body = await streamS3(at);
  if (!(body instanceof Readable)) throw new Error('there is nothing');
  return body;
}

/** Entries of a tar. They are collected first, since whoever sends a tar does not wait while the work on its first entries is done. */
async function* inTar({ at, name }: Found, extensions: readonly string[], isGiven: boolean): AsyncGenerator<Found> {
  const prefix = isGiven ? '' : `${name.replace(/\.tar$/i, '')}/`;
  const found: Found[] = [];
  let source: Readable | undefined;
  try {
    if (/^https?:/.test(at)) throw new Error('a tar behind http, which cannot be read in parts');
    const archive = extract();
    source = await openStream(at);
    source.on('error', (error) => archive.destroy(error)).pipe(archive);
    for await (const entry of archive) {
      const { header } = entry;
      const { byteOffset: offset } = header as typeof header & { byteOffset: number };
      const isInput = header.type === 'file' && extensions.includes(extensionOf(header.name)) && !isHidden(header.name);
      if (isInput)
        found.push({ at, name: prefix + header.name, entry: header.name, range: { offset, size: header.size ?? 0 } });
      entry.resume();
    }
  } catch (error) {
    if (isGiven && found.length === 0) throw error;
    found.push({ at, name, broken: reasonOf(error) });
  } finally {
    source?.destroy();
  }
  yield* found;
}

/** Longest line of a list in characters: longer than any path or URL. */
const longestLine = 65_536;

async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n?|\n/);
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > longestLine) throw new Error(noText);
  }
  yield rest;
}

const noText = 'a file that is no text';

async function* inList(list: string, extensions: readonly string[]): AsyncGenerator<Found> {
  for await (const line of linesOf(await openStream(list))) {
    const text = line.trim();
    if (text === '') continue;
    if (/[\0\ufffd]/.test(text) || text.length > longestLine) throw new Error(noText);
    const folder = isUrl(list) ? list.slice(0, list.lastIndexOf('/') + 1) : dirname(list);
    const at = isUrl(text) || isAbsolute(text) ? text : isUrl(list) ? folder + text : join(folder, text);
    // Whatever a list names is an input, also without an extension.
    const name = isUrl(text) ? nameOfUrl(text) : text;
    if (extensionOf(name) === 'tar') yield* inTar({ at, name }, extensions, false);
    else yield { at, name };
  }
}

/** The path that a URL names; all of it where it is none that can be read. */
function nameOfUrl(text: string): string {
  try {
    return decodeURI(new URL(text).pathname);
  } catch {
    return text;
  }
}
