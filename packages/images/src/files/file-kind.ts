// biome-ignore-all lint/suspicious/noControlCharactersInRegex: files begin with such characters.
/** What a file holds, by its first bytes: to name what cannot be read, and to leave alone what is not ours to replace. */

/** The kinds that are told apart. */
export type FileKind =
  | 'vqk'
  | 'png'
  | 'jpg'
  | 'webp'
  | 'avif'
  | 'gif'
  | 'tiff'
  | 'bmp'
  | 'netpbm'
  | 'heic'
  | 'jxl'
  | 'jp2'
  | 'psd'
  | 'pdf'
  | 'exr'
  | 'svg'
  | 'pam'
  | 'ico'
  | 'raw'
  | 'video'
  | 'archive'
  | 'text'
  | 'empty'
  | 'unknown';

/** Bytes at the start of a file that are enough to know its kind. */
export const kindBytes = 512;

const starts: readonly (readonly [kind: FileKind, pattern: RegExp])[] = [
  ['vqk', /^vqk/],
  ['png', /^\x89PNG\r\n\x1a\n/],
  ['jpg', /^\xff\xd8\xff/],
  ['webp', /^RIFF.{4}WEBP/s],
  ['gif', /^GIF8[79]a/],
  ['raw', /^II\*\0.{4}CR/s],
  ['tiff', /^(II[*+]\0|MM\0[*+])/],
  ['bmp', /^BM.{4}\0{4}/s],
  ['netpbm', /^P[1-6][\s#]/],
  ['jxl', /^(\xff\x0a|\0\0\0\x0cJXL \r\n)/],
  ['jp2', /^(\0\0\0\x0cjP {2}|\xff\x4f\xff\x51)/],
  ['psd', /^8BPS/],
  ['pdf', /^%PDF-/],
  ['exr', /^\x76\x2f\x31\x01/],
  ['svg', /^(\xef\xbb\xbf)?\s*<(svg|\?xml.{0,400}<svg|!--.{0,400}<svg|!DOCTYPE svg)[\s>]/s],
  ['pam', /^P(7\n|[Ff]\s)/],
  ['ico', /^\0\0[\x01\x02]\0[^\0]\0/],
  ['archive', /^(PK\x03\x04|Rar!|7z\xbc\xaf|BZh|\xfd7zXZ)/],
  ['avif', /^.{4}ftyp(avif|avis)/s],
  ['heic', /^.{4}ftyp(hei[a-z]|hev[a-z])/s],
  ['raw', /^.{4}ftypcrx|^FUJIFILMCCD-RAW|^II(RO|U\0)|^MMOR/s],
  ['video', /^.{4}ftyp(isom|iso\d|mp4\d|avc1|M4V |qt {2}|3gp)|^\x1a\x45\xdf\xa3|^RIFF.{4}AVI /s],
  // A common brand first, the real one among those that follow.
  ['avif', /^.{4}ftypm(if1|sf1|iaf).{0,64}avi[fs]/s],
  ['heic', /^.{4}ftypm(if1|sf1)/s],
];

/** The kind of a file that begins with `bytes`. Text is what has no control characters but those of lines. */
export function kindOf(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) return 'empty';
  const start = String.fromCharCode(...bytes.subarray(0, kindBytes));
  const known = starts.find(([, pattern]) => pattern.test(start));
  if (known !== undefined) return known[0];
  return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(start) ? 'unknown' : 'text';
}
