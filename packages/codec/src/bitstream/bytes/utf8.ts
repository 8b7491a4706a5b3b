/** UTF-8 by the `TextEncoder` and `TextDecoder` that every engine has, and text from strangers made fit to be shown. */

/** Returns the UTF-8 bytes of `text`. */
export function encodeUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Returns the text of UTF-8 bytes; malformed bytes become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Controls, and marks that reorder or hide what stands around them (Unicode TR36, sections 2 and 3). */
const unsafe =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * Returns text that can be printed: whatever could steer a terminal, break a line or change the order of letters is
 * spelled out, `\x1b` for an escape, `\u{202e}` for an override.
 */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`;
  });
}
