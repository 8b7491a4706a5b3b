/**
 * What libvips does not look at: a PNG's gamma and its animation, and transfer functions of HDR pictures.
 *
 * @see PNG specification, third edition, sections 4.3 (which chunk counts), 11.3.2 and 11.3.6; ITU-T H.273 for transfer numbers
 */

/** What a file says of its samples besides an ICC profile. */
export interface PictureNote {
  /** sample = light ^ gamma; undefined for sRGB, profiles, and files that say nothing. */
  readonly gamma: number | undefined;
  /** `PQ` or `HLG`: brighter than a screen's white. */
  readonly hdr: string | undefined;
  /** Pictures of an animated PNG; undefined where libvips counts them. */
  readonly frames: number | undefined;
}

const transferNames: Readonly<Record<number, string>> = { 16: 'PQ', 18: 'HLG' };
/** 1/2.2 and sRGB's own curve are taken for the same, as everywhere. */
const sameGamma = 0.01;

/** Reads the notes of a PNG or AVIF file. */
export function pictureNote(bytes: Uint8Array, kind: string): PictureNote {
  const none = { gamma: undefined, hdr: undefined, frames: undefined };
  if (kind === 'avif') return { ...none, hdr: transferNames[avifTransfer(bytes) ?? 0] };
  return kind === 'png' ? pngNote(bytes) : none;
}

function pngNote(bytes: Uint8Array): PictureNote {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let gamma: number | undefined;
  let frames: number | undefined;
  let hdr: string | undefined;
  let isSettled = false;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (name === 'IDAT') break;
    if (name === 'cICP') hdr = transferNames[bytes[at + 9]!];
    if (['cICP', 'iCCP', 'sRGB'].includes(name)) isSettled = true;
    if (name === 'gAMA') gamma = view.getUint32(at + 8) / 100_000;
    if (name === 'acTL') frames = view.getUint32(at + 8);
  }
  const isPlain = isSettled || !gamma || Math.abs(gamma - 1 / 2.2) < sameGamma;
  return { gamma: isPlain ? undefined : gamma, hdr, frames };
}

/** The transfer number of an AVIF's colour box, which stands near the start. */
function avifTransfer(bytes: Uint8Array): number | undefined {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 65536)).indexOf('colrnclx');
  return at < 0 ? undefined : bytes[at + 11];
}

/** Changes samples from a gamma to sRGB, in place; alpha stays. */
export function gammaToSrgb(data: Uint8Array | Uint16Array, channels: number, gamma: number): void {
  const max = data instanceof Uint16Array ? 65535 : 255;
  const table = Float64Array.from({ length: max + 1 }, (_, value) => {
    const light = (value / max) ** (1 / gamma);
    return Math.round(max * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
  });
  for (let i = 0; i < data.length; i++) if (channels !== 4 || i % 4 !== 3) data[i] = table[data[i]!]!;
}
