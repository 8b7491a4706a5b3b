/** A font of 3×5 pixels for charts: letters without case, digits and a few signs. Five octal digits per glyph, rows from the top. */

const glyphs: Readonly<Record<string, string>> = {
  '0': '75557',
  '1': '26227',
  '2': '71747',
  '3': '71717',
  '4': '55711',
  '5': '74717',
  '6': '74757',
  '7': '71244',
  '8': '75757',
  '9': '75717',
  A: '75755',
  B: '65656',
  C: '74447',
  D: '65556',
  E: '74647',
  F: '74644',
  G: '74557',
  H: '55755',
  I: '72227',
  J: '11157',
  K: '55655',
  L: '44447',
  M: '57755',
  N: '65555',
  O: '75557',
  P: '75744',
  Q: '75571',
  R: '75655',
  S: '74717',
  T: '72222',
  U: '55557',
  V: '55552',
  W: '55775',
  X: '55255',
  Y: '55222',
  Z: '71247',
  '-': '00700',
  '.': '00002',
  '/': '11244',
  '(': '24442',
  ')': '21112',
  ':': '02020',
  '%': '51245',
  _: '00007',
  '+': '02720',
  '=': '07070',
};

/** Pixels from one glyph to the next. */
export const glyphWidth = 4;
/** Height of a glyph. */
export const glyphHeight = 5;

/** Whether the text has ink at this pixel, counted from its top left; unknown characters are blank. */
export function hasInk(text: string, x: number, y: number): boolean {
  const glyph = glyphs[text[Math.floor(x / glyphWidth)]?.toUpperCase() ?? ''];
  const column = x % glyphWidth;
  return glyph !== undefined && column < 3 && y < glyphHeight && ((Number(glyph[y]) >> (2 - column)) & 1) === 1;
}
