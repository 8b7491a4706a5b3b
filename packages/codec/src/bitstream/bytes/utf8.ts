/** UTF-8 by the `TextEncoder` and `TextDecoder` that every engine has. */

/** Returns the UTF-8 bytes of `text`. */
export function encodeUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Returns the text of UTF-8 bytes; malformed bytes become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
